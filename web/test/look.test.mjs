// What the page looks like, for eyes and for a screen reader.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, looks, openChat, Program } from "./kit.mjs";
import { rich } from "./rich.mjs";

let program, browser;
before(async () => { program = await new Program("rest:\nkiosk: {type: rest}\n").start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

for (const [name, options] of Object.entries(looks)) {
  test(`Edge08_20 ${name}: a rich reply is well made and leaves nobody out`, async () => {
    const c = await openChat(browser, program.url, { ...options, viewport: { ...(options.viewport ?? { width: 1100 }), height: 1500 } });
    await c.send(`/markdown ${rich}`);
    await c.page.locator(".reply hr").waitFor();
    await eventually(async () => assert.equal(await c.page.locator(".prose[aria-busy]").count(), 0));
    await c.inspected(`${name}-rich`);
    await c.ask("/markdown Two more:\n\n```go\na\n```\n\n|a|\n|-|\n|b|\n\n```go\nc\n```", "Two more");
    await c.page.locator(".turn:nth-child(2) .code").last().waitFor();
    await c.send("/json 40 {\"name\":\"a\",\"list\":[1,2,{}]}");
    await c.page.locator("summary").click();
    await c.page.locator(".folded pre").waitFor();
    await c.inspected(`${name}-rich-more`);
    await c.close();
  });

  test(`${name}: nobody is left out`, async () => {
    const c = await openChat(browser, program.url, options);
    await c.page.locator("#channel:enabled").waitFor();
    await c.inspected(`${name}-empty`);
    await tour(c);
    await c.inspected(`${name}-replies`);
    await prose(c);
    await c.inspected(`${name}-prose`);
    await c.send("/two 1500");
    await c.shows("first half,");
    await c.inspected(`${name}-writing`);
    await c.shows("second half");
    await c.page.getByRole("button", { name: "Last turn in detail" }).click();
    await c.inspected(`${name}-panel`);
    await c.page.getByRole("button", { name: "Close" }).click();
    await c.page.getByRole("button", { name: "New conversation" }).click();
    await c.inspected(`${name}-question`);
    await c.close();
  });
}

async function tour(c) {
  await c.ask("/buttons", "Do you like it?");
  await c.send("/image");
  await c.log.getByRole("img").waitFor();
  await c.ask("/elements", "Second card");
  await c.ask("/custom", "Custom data");
  await c.ask("/attachment", "terms.pdf");
}

async function prose(c) {
  await c.ask("/error", "could not answer");
  const text = "Some **bold**, some *slanted*, some `code` and https://example.com.\n\n- first\n- second\n\n> quoted\n\n```\nlet x = 1;\n```";
  await c.ask(text, "let x = 1;");
}

test("the keyboard reaches everything, and the focus can be seen", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("/buttons", "Do you like it?");
  const names = [];
  for (let i = 0; i < 10; i++) {
    await c.page.keyboard.press("Shift+Tab");
    names.push(await c.page.evaluate(() => {
      const e = document.activeElement;
      return getComputedStyle(e).outlineStyle === "none" ? "no outline" : e.getAttribute("aria-label") ?? e.textContent;
    }));
  }
  assert.deepEqual(names.slice(0, 8), ["Attach files", "Copy the reply", "No", "Yes", "Conversation", "Theme: system", "Last turn in detail", "New conversation"]);
  await c.close();
});

test("the theme is the system's until the user chooses, and then kept", async () => {
  const c = await openChat(browser, program.url, { colorScheme: "dark" });
  const ground = () => c.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await c.page.getByRole("button", { name: "Theme: system" }).click();
  await c.page.getByRole("button", { name: "Theme: light" }).waitFor();
  await eventually(async () => assert.notEqual(await ground(), dark));
  await c.page.reload();
  await eventually(async () => assert.notEqual(await ground(), dark));
  await c.page.getByRole("button", { name: "Theme: light" }).click();
  await eventually(async () => assert.equal(await ground(), dark));
  await c.close();
});

test("who reads further up is not moved, and can go back down", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("/many 60", "Reply 60 with");
  await c.page.mouse.move(500, 400);
  await c.page.mouse.wheel(0, -1200);
  const jump = c.page.getByRole("button", { name: "Go to the latest message" });
  await jump.waitFor();
  const at = await c.page.evaluate(() => document.getElementById("view").scrollTop);
  await jump.click();
  await jump.waitFor({ state: "hidden" });
  assert.ok((await c.page.evaluate(() => document.getElementById("view").scrollTop)) > at);
  await c.close();
});
