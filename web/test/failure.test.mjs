// What a user meets on a bad day.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program, Proxy } from "./kit.mjs";

let program, browser;
before(async () => { program = await new Program().start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

test("an error is told in plain words, and the message can be sent again as a new one", async () => {
  const c = await openChat(browser, program.url);
  const ids = [];
  c.page.on("request", (request) => request.url().endsWith("/ReceiveStream") && ids.push(/"messageId":"(\w+)"/.exec(request.postData())?.[1]));
  await c.send("/flaky");
  await c.shows("The assistant could not answer.");
  await c.log.getByRole("button", { name: "Send again" }).click();
  await c.shows("All well now.");
  await eventually(async () => assert.equal(await c.page.locator(".said").count(), 2));
  assert.equal(ids.length, 2);
  assert.notEqual(ids[0], ids[1]); // the assistant may have acted on the first
  await c.close();
});

test("an answer that breaks off keeps what was said and can be sent again", async () => {
  const c = await openChat(browser, program.url);
  await c.send("/break");
  await c.shows("stopped in the middle");
  await c.says(["As I was saying"]);
  await c.log.getByRole("button", { name: "Send again" }).click();
  await c.page.waitForFunction(() => document.querySelectorAll(".said").length === 2);
  await c.close();
});

test("a busy service is asked again when it says", async () => {
  const c = await openChat(browser, program.url);
  await c.send("/busy");
  await c.shows("The service is busy.");
  await c.shows("Free again.");
  await c.close();
});

test("a cut connection is mended without a second turn", async () => {
  const proxy = await new Proxy().start(program.port);
  const c = await openChat(browser, proxy.url);
  await c.send("/two 1200");
  await c.shows("first half,");
  proxy.cut();
  await c.shows("The connection was lost.");
  await c.says(["first half,"]); // still there to read
  proxy.mend();
  await c.shows("first half, second half");
  await c.says(["first half, second half"]);
  await c.ask("/turns /two 1200", "1 turns");
  await c.close({ broken: true });
  proxy.close();
});

test("what is written offline is sent later, once", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("before", /^before$/);
  await c.context.setOffline(true);
  await c.page.getByRole("status").getByText("You are offline.").waitFor();
  await c.send("written offline");
  await c.send("and another");
  await c.shows("You are offline.");
  await c.page.reload().catch(() => {}); // a page that is not there offline
  await c.context.setOffline(false);
  await c.page.goto(program.url);
  await c.shows(/^and another$/);
  await c.page.waitForFunction(() => document.querySelectorAll(".reply").length === 3);
  await c.says(["before", "written offline", "and another"]);
  await c.ask("/turns written offline", "1 turns");
  await c.close({ broken: true });
});

test("after a crash in the middle of a reply the state is clear and the conversation goes on", async () => {
  const own = await new Program().start();
  const c = await openChat(browser, own.url);
  await c.ask("hello", /^hello$/);
  await c.send("/two 60000");
  await c.shows("first half,");
  await own.kill();
  await c.shows("The connection was lost.");
  await c.page.getByRole("status").getByText("cannot be reached").waitFor({ timeout: 1000 }).catch(() => {});
  await own.start();
  await c.shows("This answer was interrupted.");
  await c.says(["hello", "first half,"]);
  await c.ask("are you there?", /^are you there\?$/);
  await c.close({ broken: true });
  await own.close();
});

test("a message to a service that is down is sent when it is back", async () => {
  const own = await new Program().start();
  const c = await openChat(browser, own.url);
  await c.ask("hello", /^hello$/);
  await own.kill();
  await c.send("anyone?");
  await c.shows("The connection was lost.");
  await own.start();
  await c.log.locator(".reply").getByText("anyone?").waitFor();
  await c.close({ broken: true });
  await own.close();
});
