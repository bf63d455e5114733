// What a user does with an answer: stop it, copy it, see when it came.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { eventually, launch, looks, openChat, Program, Proxy } from "./kit.mjs";

let program, browser;
before(async () => { program = await new Program().start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

function answer(name, steps, window) {
  test(`Edge08_21 ${name}`, async () => {
    const c = await openChat(browser, program.url, window);
    await c.page.locator("#channel:enabled").waitFor();
    await steps(c);
    await c.close();
  });
}

const stop = (c) => c.page.getByRole("button", { name: "Stop the answer" });

answer("a turn is stopped, keeps what it has shown, and the next follows", async (c) => {
  await c.send("/two 600000");
  await c.shows("first half,");
  await c.inspected("answer-running");
  await c.send("the next");
  await c.page.getByText("Waiting for its turn").waitFor();
  await stop(c).click();
  await c.log.getByText("Stopped", { exact: true }).waitFor();
  await c.shows(/^the next$/);
  await c.says(["first half,", "the next"]);
  await eventually(async () => assert.equal(await stop(c).isVisible(), false));
  await c.inspected("answer-stopped");
  await c.page.reload();
  await c.log.getByText("Stopped", { exact: true }).waitFor();
  await c.says(["first half,", "the next"]);
  await c.ask("/turns /two 600000", "1 turns");
});

answer("one that was stopped in silence is not asked again", async (c) => {
  await c.send("/slow 600");
  await c.page.getByText("The assistant is writing").waitFor({ state: "attached" });
  await stop(c).click();
  await c.log.getByText("Stopped", { exact: true }).waitFor();
  await c.page.reload();
  await c.ask("/turns /slow 600", "1 turns");
});

answer("the keyboard stops it, and the focus stays with the message", async (c) => {
  await c.send("/two 600000");
  await c.shows("first half,");
  await stop(c).focus();
  await c.page.keyboard.press("Enter");
  await c.log.getByText("Stopped", { exact: true }).waitFor();
  await eventually(async () => assert.ok(await c.input.evaluate((e) => e === document.activeElement)));
});

test("Edge08_21 a turn whose connection is lost is stopped all the same", async () => {
  const proxy = await new Proxy().start(program.port);
  const c = await openChat(browser, proxy.url);
  await c.send("/two 600000");
  await c.shows("first half,");
  proxy.cut();
  await c.page.getByText("The connection was lost.").waitFor();
  await stop(c).click();
  await c.log.getByText("Stopped", { exact: true }).waitFor();
  await c.says(["first half,"]);
  await c.close({ broken: true });
  proxy.close();
});

answer("an answer is copied whole, as it was written", async (c) => {
  await c.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await c.ask("One **bold**.\n\nTwo.", "Two.");
  await c.page.getByRole("button", { name: "Copy the reply" }).click();
  await c.page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await c.page.evaluate(() => navigator.clipboard.readText()), "One **bold**.\n\nTwo.");
  await c.page.getByRole("button", { name: "Copy the reply" }).waitFor();
});

answer("an answer is copied where the browser's clipboard is closed", async (c) => {
  await c.page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  const copied = c.page.evaluate(() => new Promise((resolve) => document.addEventListener("copy", () => resolve(getSelection() + "" || document.activeElement.value))));
  await c.ask("by selection", /^by selection$/);
  await c.page.getByRole("button", { name: "Copy the reply" }).click();
  assert.equal(await copied, "by selection");
  await c.page.getByRole("button", { name: "Copied" }).waitFor();
});

answer("the time is there for who points at it, and for a screen reader", async (c) => {
  await c.ask("when", /^when$/);
  await c.ask("and then", /^and then$/);
  const first = c.page.locator(".turn").first();
  const times = first.locator("time");
  await eventually(async () => assert.equal(await times.count(), 2));
  for (const time of await times.all()) {
    assert.ok(Math.abs(Date.parse(await time.getAttribute("datetime")) - Date.now()) < 60_000);
    assert.match(await time.innerText(), /\d/);
  }
  assert.match(await first.ariaSnapshot(), /Sent at[\s\S]*time[\s\S]*Answered at[\s\S]*time/);
  const opacity = () => times.first().evaluate((e) => getComputedStyle(e).opacity);
  await c.page.mouse.move(5, 400);
  await eventually(async () => assert.equal(await opacity(), "0"));
  await first.hover();
  await eventually(async () => assert.equal(await opacity(), "1"));
  await c.inspected("answer-times");
});

answer("on a screen that cannot be pointed at, the time is there", async (c) => {
  await c.ask("when", /^when$/);
  await eventually(async () => assert.equal(await c.page.locator("time.stamp").first().evaluate((e) => getComputedStyle(e).opacity), "1"));
}, looks.phone);

test("Edge08_21 the page is its owner's, until the next reload of the configuration", async () => {
  const own = await new Program("rest:\n", 'agent: {type: fake}\nchat:\n  title: Ann’s shop\n  color: "#ffcc00"\n  greeting: |\n    Hi, I am Ann’s helper.\n    Ask me where your parcel is.\n  suggestions: [Where is my parcel?, Opening hours]\n').start();
  for (const [name, window] of Object.entries(looks)) {
    const c = await openChat(browser, own.url, window);
    await c.page.locator("#channel:enabled").waitFor();
    assert.equal(await c.page.title(), "Ann’s shop");
    await c.page.getByRole("heading", { name: "Hi, I am Ann’s helper." }).waitFor();
    await c.inspected(`${name}-own-empty`);
    await c.page.getByRole("button", { name: "Opening hours" }).click();
    await c.shows(/^Opening hours$/);
    assert.equal(await c.page.locator(".said .bubble").evaluate((e) => getComputedStyle(e).backgroundColor), "rgb(255, 204, 0)");
    await c.ask("/buttons", "Do you like it?");
    await c.ask("See https://example.com and `code`", "See");
    await c.inspected(`${name}-own`);
    await c.close();
  }
  writeFileSync(join(own.dir, "endpoints.yml"), "agent: {type: fake}\nchat: {suggestions: []}\n");
  own.child.kill("SIGHUP");
  const c = await openChat(browser, own.url);
  await eventually(async () => { await c.page.reload(); assert.equal(await c.page.title(), "Manyvox"); });
  assert.equal(await c.page.locator("#welcome button").count(), 0);
  await c.close();
  await own.close();
});

test("Edge08_21 the page of an agent that knows no /help offers none", async () => {
  const c = await openChat(browser, program.url);
  await eventually(async () => assert.deepEqual(await c.page.locator("#welcome button").allInnerTexts(), ["Hello!", "What can you do?"]));
  await c.close();
});

test("Edge08_21 a page to which no channel is open says what to do, and takes one up that is opened", async () => {
  const none = await new Program("").start();
  for (const [name, window] of Object.entries(looks)) {
    const c = await openChat(browser, none.url, window);
    await c.page.getByRole("heading", { name: "No channel is open to this page" }).waitFor();
    await c.page.getByText("credentials.yml").first().waitFor();
    assert.ok(await c.input.isDisabled());
    assert.equal(await c.page.locator("#welcome").isVisible(), false);
    await c.inspected(`${name}-closed`);
    await c.close();
  }
  const c = await openChat(browser, none.url);
  await c.page.getByRole("heading", { name: "No channel is open to this page" }).waitFor();
  writeFileSync(join(none.dir, "credentials.yml"), "rest:\n");
  none.child.kill("SIGHUP");
  await eventually(async () => {
    await c.page.evaluate(() => dispatchEvent(new Event("online")));
    assert.equal(await c.input.isDisabled(), false);
  });
  await c.ask("at last", /^at last$/);
  await c.close();
  await none.close();
});
