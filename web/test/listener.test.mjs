// What is said outside the user's own messages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program } from "./kit.mjs";

const token = "0perator";
let program, browser;
before(async () => { program = await new Program().start("--operator-token", token); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

/** Sends a message that the user of a page did not ask for. */
async function push(c, messageId, text) {
  const sender = await c.page.evaluate(() => Object.entries(localStorage).find(([key]) => key.endsWith("sender:rest"))[1]);
  const res = await fetch(`${program.url}/manyvox.v1.ConversationService/Send`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ channel: "rest", sender, messageId, reply: { text } }),
  });
  assert.equal(res.status, 200, await res.text());
}

test("Edge08_21 what is said outside a turn appears, once, and over a restart", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("Hello", /^Hello$/);
  await push(c, "news", "Your parcel is here");
  await c.says(["Hello", "Your parcel is here"]);
  assert.equal(await c.page.locator(".said .bubble").count(), 1, "the user has written once");
  await c.page.reload();
  await c.says(["Hello", "Your parcel is here"]);
  await program.kill();
  await program.start("--operator-token", token);
  await push(c, "more", "It waits for you");
  await c.says(["Hello", "Your parcel is here", "It waits for you"]);
  await c.ask("Thanks", /^Thanks$/);
  await c.says(["Hello", "Your parcel is here", "It waits for you", "Thanks"]);
  await c.close({ broken: true });
});

test("Edge08_21 what was said while the page was away is there when it comes back", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("Hello", /^Hello$/);
  await c.page.goto("about:blank");
  await c.page.goBack();
  await push(c, "late", "You were away");
  await c.says(["Hello", "You were away"]);
  await c.close();
});
