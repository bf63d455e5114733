// Files that go with a message: chosen, dragged, pasted, watched, removed.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { eventually, launch, looks, openChat, Program } from "./kit.mjs";

// A picture of a sunset, as PNG has it, and as many bytes as are wanted behind it.
const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", [0, 0, 1, 64, 0, 0, 0, 200, 8, 2, 0, 0, 0]), chunk("IDAT", deflateSync(sunset(320, 200))), chunk("IEND", [])]);
const photo = (size) => Buffer.concat([picture, randomBytes(size - picture.length)]);

function chunk(name, bytes) {
  const content = Buffer.concat([Buffer.from(name), Buffer.from(bytes)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length - 4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}

function sunset(width, height) {
  return Buffer.concat(Array.from({ length: height }, (_, y) => {
    const line = Array.from({ length: width }, (_, x) => (Math.hypot(x - 160, y - 110) < 40 && y < 130 ? [255, 214, 102] : y < 130 ? [90 + y, 60 + y / 2, 140 - y / 3] : [40, 50, 90]));
    return Buffer.from([0, ...line.flat()]);
  }));
}

let program, browser;
before(async () => { program = await new Program("rest:\nguarded: {type: rest, token: open-sesame}\n").start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

function files(name, steps, options = {}) {
  test(`Edge08_21 ${name}`, async () => {
    const c = await openChat(browser, program.url, options.window);
    await c.page.locator("#channel:enabled").waitFor();
    await steps(c);
    await c.close(options);
  });
}

const tray = (c) => c.page.getByRole("list", { name: "Files to send" });
const choose = (c, ...list) => c.page.locator("#files").setInputFiles(list);
const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });

files("a photo over --max-body's 1 MiB is sent, without a word", async (c) => {
  const chooser = c.page.waitForEvent("filechooser");
  await c.page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles([file("holiday.png", "image/png", photo(3 * 1024 * 1024))]);
  await tray(c).getByText("3 MB").waitFor();
  await c.page.getByRole("button", { name: "Send" }).click();
  await c.shows("Got image image/png holiday.png 3145728");
  await eventually(async () => assert.equal(await tray(c).isVisible(), false));
  await c.log.getByRole("img", { name: "holiday.png" }).waitFor();
  await c.page.reload();
  await c.log.getByText("holiday.png", { exact: true }).waitFor();
});

files("several files go with a text, and one is removed before", async (c) => {
  await choose(c, file("a.txt", "text/plain", Buffer.from("aaa")), file("b ü.pdf", "application/pdf", Buffer.from("bb")), file("c.mp3", "audio/mpeg", Buffer.from("c")));
  await tray(c).getByText("1 B").waitFor();
  await c.page.getByRole("button", { name: "Remove a.txt" }).click();
  await eventually(async () => assert.ok(await c.page.getByRole("button", { name: "Remove b ü.pdf" }).evaluate((e) => e === document.activeElement)));
  await c.send("look at these");
  await c.shows("Got file application/pdf b ü.pdf 2, audio audio/mpeg c.mp3 1");
  await c.ask("and now without", /^and now without$/);
});

files("files are taken where they are dropped", async (c) => {
  const data = await c.page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
    return transfer;
  });
  await c.page.dispatchEvent("#view", "dragenter", { dataTransfer: data });
  await c.page.getByText("Drop the files here").waitFor();
  await c.screenshot("drop");
  await c.page.dispatchEvent("#view", "drop", { dataTransfer: data });
  await c.page.getByText("Drop the files here").waitFor({ state: "hidden" });
  await tray(c).getByText("7 B").waitFor();
  await c.send("");
  await c.shows("Got file text/plain dropped.txt 7");
});

files("a picture that is pasted is a file, and a text beside one is a text", async (c) => {
  const paste = (withText) => c.input.evaluate((input, withText) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["pasted"], "image.png", { type: "image/png" }));
    if (withText) {
      clipboardData.setData("text/plain", "a table");
    }
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, withText);
  await paste(true);
  await paste(false);
  await tray(c).getByText("6 B").waitFor();
  assert.equal(await tray(c).getByRole("listitem").count(), 1);
  await c.send("");
  await c.shows("Got image image/png image.png 6");
});

files("what is too large, or too many, is said at once", async (c) => {
  await choose(c, file("film.mp4", "video/mp4", Buffer.alloc(5 * 1024 * 1024 + 1)));
  await tray(c).getByText("It is larger than 5 MB.").waitFor();
  await c.inspected("files-failed");
  assert.ok(await c.page.getByRole("button", { name: "Send" }).isDisabled());
  await c.page.getByRole("button", { name: "Remove film.mp4" }).click();
  await eventually(async () => assert.ok(await c.input.evaluate((e) => e === document.activeElement)));
  await choose(c, ...Array.from({ length: 33 }, (_, n) => file(`${n}.txt`, "text/plain", Buffer.from("x"))));
  await c.page.getByRole("alert").getByText("A message takes 32 files at most").waitFor();
  await eventually(async () => assert.equal(await tray(c).locator('[data-state="done"]').count(), 32));
  await c.inspected("files-many");
  await c.send("all");
  await c.shows(/Got file text\/plain 0\.txt 1, .* 31\.txt 1$/);
});

files("an upload shows how far it is, and ends when it is removed", async (c) => {
  let asked = 0;
  await c.page.route("**/media?*", () => { asked++; }); // never answered
  await choose(c, file("slow.png", "image/png", photo(5000)));
  await tray(c).getByRole("progressbar", { name: "Uploading slow.png" }).waitFor();
  assert.ok(await c.page.getByRole("button", { name: "Send" }).isDisabled());
  await c.inspected("files-uploading");
  await c.page.unroute("**/media?*");
  await c.page.getByRole("button", { name: "Remove slow.png" }).click();
  await eventually(async () => assert.equal(await tray(c).isVisible(), false));
  assert.equal(asked, 1);
  await c.ask("nothing went with it", /^nothing went with it$/);
});

files("an upload that failed is tried again", async (c) => {
  await c.page.route("**/media?*", (route) => route.abort());
  await choose(c, file("note.txt", "text/plain", Buffer.from("note")));
  await tray(c).getByText("The connection was lost.").waitFor();
  await c.page.unroute("**/media?*");
  await c.page.getByRole("button", { name: "Upload note.txt again" }).click();
  await tray(c).getByText("4 B").waitFor();
  await c.send("");
  await c.shows("Got file text/plain note.txt 4");
}, { broken: true });

files("a channel with a token takes files of those who have it", async (c) => {
  await c.page.goto(`${program.url}/chat/#channel=guarded&token=open-sesame`);
  await c.page.reload();
  await c.page.locator("#channel:enabled").waitFor();
  await eventually(async () => assert.equal(await c.page.locator("#channel").inputValue(), "guarded"));
  await choose(c, file("key.txt", "text/plain", Buffer.from("key")));
  await tray(c).getByText("3 B").waitFor();
  await c.page.locator("#channel").selectOption("rest");
  await eventually(async () => assert.equal(await tray(c).isVisible(), false));
  await c.page.locator("#channel").selectOption("guarded");
  await c.send("");
  await c.shows("Got file text/plain key.txt 3");
});

for (const [name, window] of Object.entries(looks)) {
  files(`${name}: files leave nobody out`, async (c) => {
    await choose(c, file("holiday by the sea, the second week.png", "image/png", picture), file("terms.pdf", "application/pdf", Buffer.alloc(20_000)));
    await eventually(async () => assert.equal(await tray(c).locator('[data-state="done"]').count(), 2));
    await c.inspected(`${name}-files`);
    await c.send("Here they are");
    await c.shows("Got image");
    await c.inspected(`${name}-files-sent`);
  }, { window });
}
