// A channel that asks for a token.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program } from "./kit.mjs";

let program, browser;
before(async () => {
  program = await new Program("rest:\nkiosk: {type: rest, token: open-sesame}\n").start("--auth-token", "0perator");
  browser = await launch();
});
after(async () => { await browser?.close(); await program?.close(); });

test("a link brings the token, which leaves the address", async () => {
  const c = await openChat(browser, `${program.url}/#channel=kiosk&token=open-sesame`);
  await c.ask("by link", /^by link$/);
  assert.ok(!c.page.url().includes("open-sesame"));
  await c.page.reload();
  await c.ask("still in", /^still in$/);
  await eventually(async () => assert.equal(await c.page.evaluate(() => Object.values(localStorage).some((v) => v.includes("open-sesame"))), false));
  await c.close();
});

test("a token without a channel is for whichever is open", async () => {
  const own = await new Program("kiosk: {type: rest, token: open-sesame}\n").start();
  const c = await openChat(browser, `${own.url}/#token=open-sesame`);
  await c.page.locator("#channel:enabled").waitFor();
  await c.ask("by link", /^by link$/);
  await c.close();
  await own.close();
});

test("without one the page asks, and says when it was wrong", async () => {
  const c = await openChat(browser, `${program.url}/chat/#channel=kiosk`);
  await c.send("by hand");
  const dialog = c.page.getByRole("dialog", { name: "Channel kiosk asks for a token" });
  await dialog.getByLabel("Token").fill("let-me-in");
  await c.page.keyboard.press("Enter");
  await dialog.getByText("That token was not accepted.").waitFor();
  await c.screenshot("token");
  await dialog.getByLabel("Token").fill("open-sesame");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await c.log.locator(".reply").getByText("by hand").waitFor();
  await eventually(async () => assert.equal(await c.page.locator(".said").count(), 1));
  await c.close();
});

test("who does not have one can go on later", async () => {
  const c = await openChat(browser, `${program.url}/chat/#channel=kiosk`);
  await c.send("patience");
  await c.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await c.shows("This channel asks for a token.");
  await c.log.getByRole("button", { name: "Try again" }).click();
  await c.page.getByLabel("Token", { exact: true }).fill("open-sesame");
  await c.page.keyboard.press("Enter");
  await c.log.locator(".reply").getByText("patience").waitFor();
  await c.close();
});
