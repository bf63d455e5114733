// What the page looks like, for eyes and for a screen reader.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program } from "./kit.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  narrow: { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
};

let program, browser;
before(async () => { program = await new Program("rest:\nkiosk: {type: rest}\n").start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

for (const [name, options] of Object.entries(looks)) {
  test(`${name}: nobody is left out`, async () => {
    const c = await openChat(browser, program.url, options);
    await c.page.locator("#channel:enabled").waitFor();
    await inspected(c, `${name}-empty`);
    await tour(c);
    await inspected(c, `${name}-replies`);
    await prose(c);
    await inspected(c, `${name}-prose`);
    await c.send("/two 1500");
    await c.shows("first half,");
    await inspected(c, `${name}-writing`);
    await c.shows("second half");
    await c.page.getByRole("button", { name: "Last turn in detail" }).click();
    await inspected(c, `${name}-panel`);
    await c.page.getByRole("button", { name: "Close" }).click();
    await c.page.getByRole("button", { name: "New conversation" }).click();
    await inspected(c, `${name}-question`);
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

/** Has axe look, checks that nothing runs over the side, and keeps a picture. */
async function inspected(c, name) {
  await c.screenshot(name);
  await c.page.evaluate(axe);
  const { violations } = await c.page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  assert.deepEqual(violations.map((v) => `${name}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join("; ")}`), []);
  const over = await c.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${name}: ${over} px too wide`);
}

test("the keyboard reaches everything, and the focus can be seen", async () => {
  const c = await openChat(browser, program.url);
  await c.ask("/buttons", "Do you like it?");
  const names = [];
  for (let i = 0; i < 8; i++) {
    await c.page.keyboard.press("Shift+Tab");
    names.push(await c.page.evaluate(() => {
      const e = document.activeElement;
      return getComputedStyle(e).outlineStyle === "none" ? "no outline" : e.getAttribute("aria-label") ?? e.textContent;
    }));
  }
  assert.deepEqual(names.slice(0, 6), ["No", "Yes", "Conversation", "Theme: system", "Last turn in detail", "New conversation"]);
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
