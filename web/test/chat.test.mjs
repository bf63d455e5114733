// What a user does on a good day.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program } from "./kit.mjs";

let program, browser;
before(async () => { program = await new Program("rest:\nkiosk: {type: rest}\n").start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

function chat(name, steps) {
  test(name, async () => {
    const c = await openChat(browser, program.url);
    await steps(c);
    await c.close();
  });
}

chat("a browser is sent to the page, and an answer appears", async (c) => {
  assert.equal(new URL(c.page.url()).pathname, "/chat/");
  await c.ask("Hello there", /^Hello there$/);
  await c.says(["Hello there"]);
  await eventually(async () => assert.equal(await c.input.inputValue(), ""));
  await eventually(async () => assert.ok(await c.input.evaluate((e) => e === document.activeElement)));
});

chat("Shift+Enter begins a line, and an empty message is not sent", async (c) => {
  await c.input.fill("one");
  await c.input.press("Shift+Enter");
  await c.input.pressSequentially("two");
  await c.input.press("Enter");
  await c.shows(/one\s+two/);
  await c.input.press("Enter");
  await c.send("   ");
  await c.says(["one\ntwo"]);
});

chat("the first piece is there before the last is sent", async (c) => {
  await c.send("/two 1500");
  await c.shows("first half,");
  await c.says(["first half,"]);
  await eventually(async () => assert.equal(await c.page.locator("[data-partial][aria-live=off]").count(), 1));
  await c.shows("first half, second half");
  await eventually(async () => assert.equal(await c.page.locator("[data-partial]").count(), 0));
  await eventually(async () => assert.equal((await c.replies()).length, 1));
});

chat("while the assistant thinks, the page says so", async (c) => {
  await c.send("/slow 1");
  await c.page.getByText("The assistant is writing").waitFor({ state: "attached" });
  await c.shows("That took 1 s.");
  await eventually(async () => assert.equal(await c.page.getByText("The assistant is writing").count(), 0));
});

chat("a button sends its payload and shows its title", async (c) => {
  await c.ask("/buttons", "Do you like it?");
  await c.log.getByRole("button", { name: "Yes" }).click();
  await c.shows("/affirm");
  await eventually(async () => assert.deepEqual(await c.page.locator(".said .bubble").allInnerTexts(), ["/buttons", "Yes"]));
});

chat("quick replies are buttons", async (c) => {
  await c.ask("/quick", "Pick one");
  await c.log.getByRole("button", { name: "No" }).click();
  await c.shows("/deny");
});

chat("an image is drawn", async (c) => {
  await c.send("/image");
  const image = c.log.getByRole("img");
  await image.waitFor();
  await image.evaluate((e) => e.decode());
  await eventually(async () => assert.ok(await image.evaluate((e) => e.naturalWidth > 0)));
});

chat("elements are cards, an attachment a link, custom JSON folded", async (c) => {
  await c.ask("/elements", "Second card");
  await eventually(async () => assert.deepEqual(await c.page.locator(".card-title").allInnerTexts(), ["First card", "Second card"]));
  await c.ask("/attachment", "terms.pdf");
  await eventually(async () => assert.equal(await c.log.getByRole("link", { name: /terms.pdf/ }).getAttribute("href"), "https://example.com/terms.pdf"));
  await c.send("/custom");
  const custom = c.page.locator("details");
  await eventually(async () => assert.equal(await custom.locator("pre").isVisible(), false));
  await custom.locator("summary").click();
  await eventually(async () => assert.match(await custom.locator("pre").innerText(), /"celsius": 21.5/));
});

chat("a command in a reply can be pressed", async (c) => {
  await c.ask("/help", "I repeat what you write");
  await c.log.getByRole("button", { name: "/stream" }).click();
  await c.shows(/piece 5/);
});

chat("markup and script stay text", async (c) => {
  await c.send("/markup");
  await c.shows("<script>window.hacked=1</script>");
  await c.send('<img src=x onerror="window.hacked=1">');
  await c.log.getByText("onerror").nth(2).waitFor();
  await eventually(async () => assert.equal(await c.log.locator("strong").innerText(), '<b onclick="hacked=1">bold</b>'));
  assert.equal(await c.page.evaluate(() => window.hacked), undefined);
  assert.equal(await c.log.locator("script, img, [onclick], [onerror]").count(), 0);
  assert.equal(await c.log.getByRole("link").count(), 0);
});

chat("the channels to choose from are those of Health", async (c) => {
  const chooser = c.page.getByRole("combobox", { name: "Channel" });
  await c.page.locator("#channel:enabled").waitFor();
  await eventually(async () => assert.deepEqual(await chooser.locator("option").allInnerTexts(), ["rest", "kiosk"]));
  await c.ask("to rest", /^to rest$/);
  await chooser.selectOption("kiosk");
  await c.page.getByRole("heading", { name: "Say something" }).waitFor();
  await c.ask("to kiosk", /^to kiosk$/);
  await chooser.selectOption("rest");
  await c.shows("to rest");
  await c.says(["to rest"]);
});

chat("the panel shows the raw events and the latency of the last turn", async (c) => {
  await c.page.getByRole("button", { name: "Last turn in detail" }).click();
  const panel = c.page.getByRole("complementary", { name: "Last turn" });
  await c.ask("/stream 3", /piece 3/);
  await panel.getByText('{"delta":{"replyId":"1","text":" piece 3"}}').waitFor();
  await eventually(async () => assert.match(await panel.locator("[data-times]").innerText(), /First piece\s+[\d.]+ m?s\s+Whole turn\s+[\d.]+ m?s\s+Events\s+5/));
  await c.page.keyboard.press("Tab");
  await panel.getByRole("button", { name: "Close" }).focus();
  await c.page.keyboard.press("Escape");
  await panel.waitFor({ state: "hidden" });
});

chat("a reload keeps the conversation and the draft", async (c) => {
  await c.ask("remember me", /^remember me$/);
  await c.input.fill("not sent yet");
  const sender = await senderOf(c);
  assert.match(sender, /^[0-9a-f]{32}$/);
  await c.page.reload();
  await c.shows("remember me");
  await c.says(["remember me"]);
  await eventually(async () => assert.equal(await c.input.inputValue(), "not sent yet"));
  await eventually(async () => assert.equal(await senderOf(c), sender));
});

chat("a reload in the middle of a turn shows the whole answer, of one turn", async (c) => {
  await c.send("/two 2000");
  await c.shows("first half,");
  await c.page.reload();
  await c.shows("first half, second half");
  await c.says(["first half, second half"]);
  await c.ask("/turns /two 2000", "1 turns");
});

chat("a new conversation has nothing of the old one, and another sender", async (c) => {
  await c.ask("forget me", /^forget me$/);
  const sender = await senderOf(c);
  await c.page.getByRole("button", { name: "New conversation" }).click();
  await c.page.getByRole("button", { name: "Begin anew" }).click();
  await c.page.getByRole("heading", { name: "Say something" }).waitFor();
  await c.ask("hello again", /^hello again$/);
  await eventually(async () => assert.notEqual(await senderOf(c), sender));
  await c.page.reload();
  await c.shows("hello again");
  await c.says(["hello again"]);
});

chat("two windows of one browser share the conversation", async (c) => {
  const other = await c.context.newPage();
  await other.goto(program.url);
  await c.ask("from the first", /^from the first$/);
  await other.getByRole("log").getByText("from the first").last().waitFor();
  await other.close();
});

test("the page works below a prefix that a proxy takes off", async () => {
  const proxy = createServer((req, res) => {
    const path = req.url.replace(/^\/bots\/ann/, "");
    const far = request({ port: program.port, path, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    req.pipe(far);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const c = await openChat(browser, `http://localhost:${proxy.address().port}/bots/ann/`);
  assert.equal(new URL(c.page.url()).pathname, "/bots/ann/chat/");
  await c.ask("through a proxy", /^through a proxy$/);
  await eventually(async () => assert.match(await c.page.evaluate(() => localStorage.getItem("manyvox/bots/ann/:sender:rest")), /^[0-9a-f]{32}$/));
  await c.close();
  proxy.closeAllConnections();
  proxy.close();
});

function senderOf(c) {
  return c.page.evaluate(() => localStorage.getItem("manyvox/:sender:rest"));
}
