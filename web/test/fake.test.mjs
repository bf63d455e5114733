// The page of `manyvox fake`: a person writes there, and sees what a person sees on the platform,
// with the calls that the program has made beside it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, fakePlatform, launch, openChat, Program } from "./kit.mjs";

let fake, program, browser;
before(async () => {
  fake = await fakePlatform("telegram");
  program = await new Program(`telegram:\n  access_token: 9001:fake\n  api_base_url: ${fake.url}\nrest:\n`).start();
  browser = await launch();
});
after(async () => { await browser?.close(); await program?.close(); await fake?.close(); });

/** Opens the page once the program fetches what is written there. */
async function open() {
  const c = await openChat(browser, fake.url);
  const calls = c.page.locator("#calls pre");
  await c.page.getByText("updates are fetched by long polling").waitFor();
  return Object.assign(c, {
    write: async (text) => { await c.page.getByLabel("Write as Ina").fill(text); await c.page.getByRole("button", { name: "Send" }).click(); },
    bot: (text) => c.page.locator(".bot:not(.draft)").filter({ hasText: text }).last().waitFor(),
    /** Waits until the last call of a method is this one, with its status and exact arguments. */
    calls: (method, args) => eventually(async () => {
      const last = (await calls.allInnerTexts()).map((text) => text.split(/\n([^]*)/)).find(([head]) => head.startsWith(`${method} `));
      assert.deepEqual(last && [last[0], JSON.parse(last[1])], [`${method} 200`, args]);
    }),
  });
}

test("what is written there is answered while the answer grows, and a button is pressed", async () => {
  const c = await open();
  assert.match(await c.page.locator("#block").innerText(), new RegExp(`access_token: 9001:fake\\n  api_base_url: ${fake.url}$`));

  await c.write("/held");
  await c.page.locator(".person").getByText("/held", { exact: true }).waitFor();
  await c.page.locator(".bot.draft").getByText("first half,").waitFor();
  const released = await fetch(`${program.url}/webhooks/rest/webhook`, { method: "POST", body: JSON.stringify({ sender: "another", message: "/release" }) });
  assert.equal(released.status, 200);
  await c.bot("first half, second half");
  assert.equal(await c.page.locator(".draft").count(), 0, "the preview is still there beside the message");
  await c.calls("sendMessage", { chat_id: 4201, text: "first half, second half" });

  await c.write("/buttons");
  await c.bot("Do you like it?");
  await c.calls("sendMessage", {
    chat_id: 4201, text: "Do you like it?",
    reply_markup: { inline_keyboard: [[{ text: "Yes", callback_data: "/affirm" }, { text: "No", callback_data: "/deny" }]] },
  });
  await c.page.getByRole("button", { name: "Yes" }).click();
  await c.bot("/affirm");
  await c.calls("sendMessage", { chat_id: 4201, text: "/affirm" });
  await eventually(async () => assert.match(await c.page.locator("#calls").innerText(), /answerCallbackQuery 200/));
  await c.screenshot("fake");
  await c.close();
});

test("what the platform refuses is shown as such, and reaches nobody", async () => {
  const c = await open();
  const before = await c.page.locator(".bot").count();
  const refused = await fetch(`${fake.url}/bot9001:fake/sendMessage`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ chat_id: 4201, text: "x".repeat(5000) }),
  });
  assert.equal((await refused.json()).description, "Bad Request: message is too long");
  await c.page.locator("#calls .failed").getByText("sendMessage 400").waitFor();
  assert.equal(await c.page.locator(".bot").count(), before);
  await c.close();
});
