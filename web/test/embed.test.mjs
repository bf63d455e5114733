// The page in a page of somebody else's: another origin, and another site.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, looks, openChat, prefixed, Program, site } from "./kit.mjs";

const html = (tag) => `<!doctype html><html lang="en"><head><title>A shop</title><meta name="viewport" content="width=device-width">
<style>* { color: #a00 !important; } button, div, iframe { background: pink; width: 7px; font-size: 40px; }</style></head>
<body><main><h1>A shop</h1><p>Things to buy.</p><a href="#first">First</a></main>${tag}</body></html>`;
const tag = (url, more = "") => html(`<script src="${url}/chat/embed.js" ${more}></script>`);
const strict = (url) => ({ "Content-Security-Policy": `default-src 'none'; script-src ${url}; style-src 'unsafe-inline'; frame-src ${url}` });

let shop, program, browser;
before(async () => {
  shop = await site("");
  program = await new Program("rest:\nkiosk: {type: rest, token: open-sesame}\n", 'agent: {type: fake}\nchat: {title: Ann’s shop, color: "#7a1fa2", greeting: Ask Ann}\n').start("--cors", shop.url);
  browser = await launch();
});
after(async () => { await browser?.close(); await program?.close(); shop?.close(); });

/** Opens the shop, and gives what is needed of the widget. */
async function visit(page, options, headers) {
  shop.show(page, headers);
  const c = await openChat(browser, shop.url, options);
  return Object.assign(c, {
    launcher: c.page.getByRole("button", { name: "Ann’s shop" }),
    panel: c.page.getByRole("dialog", { name: "Ann’s shop" }),
    frame: c.page.frameLocator("iframe"),
  });
}

const message = (c) => c.frame.getByRole("textbox", { name: "Message" });
const says = (c, text) => c.frame.getByRole("log").getByText(text).last().waitFor();
const hasFocus = (of) => eventually(async () => assert.ok(await of.evaluate((e) => e.getRootNode().activeElement === e && e.ownerDocument.hasFocus())));

for (const [name, options] of Object.entries(looks)) {
  test(`Edge08_21 ${name}: the chat opens, answers, closes, and is still there`, async () => {
    const c = await visit(tag(program.url), options);
    await c.inspected(`${name}-embed-closed`);
    await c.launcher.click();
    await c.frame.getByRole("heading", { name: "Ask Ann" }).waitFor();
    await hasFocus(message(c));
    await eventually(async () => assert.equal(await c.panel.locator("iframe").evaluate((e) => getComputedStyle(e).opacity), "1"));
    await message(c).fill("hello from the shop");
    await message(c).press("Enter");
    await says(c, /^hello from the shop$/);
    await c.inspected(`${name}-embed`);
    const box = await c.panel.boundingBox();
    const whole = c.page.viewportSize();
    assert.equal(box.width === whole.width && box.height === whole.height, whole.width < 480, JSON.stringify(box));
    await message(c).press("Escape");
    await c.panel.waitFor({ state: "hidden" });
    await hasFocus(c.launcher);
    await c.page.keyboard.press("Enter");
    await says(c, /^hello from the shop$/);
    await hasFocus(message(c));
    await c.frame.getByRole("button", { name: "Close the chat" }).click();
    await c.panel.waitFor({ state: "hidden" });
    await hasFocus(c.launcher);
    await c.close();
  });
}

test("Edge08_21 the site's styles do not reach the widget, nor its the site", async () => {
  const c = await visit(tag(program.url));
  const box = await c.launcher.boundingBox();
  assert.deepEqual([box.width, box.height], [56, 56]);
  assert.equal(await c.launcher.evaluate((e) => getComputedStyle(e).backgroundColor), "rgb(122, 31, 162)");
  assert.equal(await c.page.getByRole("heading", { name: "A shop" }).evaluate((e) => getComputedStyle(e).color), "rgb(170, 0, 0)");
  assert.deepEqual(await c.page.evaluate(() => Object.keys(window).filter((name) => /manyvox|widget|settings/i.test(name))), []);
  await c.close();
});

test("Edge08_21 a site with a strict policy of its own needs no more than to name us", async () => {
  const c = await visit(tag(program.url), {}, strict(program.url));
  await c.launcher.click();
  await c.frame.getByRole("heading", { name: "Ask Ann" }).waitFor();
  assert.equal(await c.launcher.evaluate((e) => e.offsetWidth), 56);
  await c.close();
});

test("Edge08_21 Escape closes what is open within the chat first, and nothing when the focus is elsewhere", async () => {
  const c = await visit(tag(program.url));
  await c.launcher.click();
  await c.frame.getByRole("button", { name: "New conversation" }).click();
  await c.frame.getByRole("dialog").waitFor();
  await c.page.keyboard.press("Escape");
  await c.frame.getByRole("dialog").waitFor({ state: "hidden" });
  assert.ok(await c.panel.isVisible());
  await c.page.getByRole("link", { name: "First" }).focus();
  await c.page.keyboard.press("Escape");
  assert.ok(await c.panel.isVisible());
  await c.launcher.focus();
  await c.page.keyboard.press("Escape");
  await c.panel.waitFor({ state: "hidden" });
  await c.close();
});

test("Edge08_21 the tag says which channel, whose token, which theme, which side, and whether it is open", async () => {
  const c = await visit(tag(program.url, 'data-channel="kiosk" data-token="open-sesame" data-theme="dark" data-side="left" data-label="Talk to us" data-open'));
  await c.frame.getByRole("heading", { name: "Ask Ann" }).waitFor();
  assert.ok(!(await c.page.evaluate(() => document.activeElement.shadowRoot)), "nobody has asked for the focus");
  const launcher = c.page.getByRole("button", { name: "Talk to us" });
  assert.ok((await launcher.boundingBox()).x < 100);
  assert.equal(await launcher.getAttribute("aria-expanded"), "true");
  assert.equal(await c.frame.getByRole("combobox").count(), 0);
  assert.equal(await c.frame.locator("html").evaluate((e) => e.dataset.theme), "dark");
  await message(c).fill("with a token");
  await message(c).press("Enter");
  await says(c, /^with a token$/);
  assert.equal(await c.frame.locator("html").evaluate(() => location.hash.includes("sesame")), false);
  await c.close();
});

test("Edge08_21 a site that is not of --cors shows no chat, and says so", async () => {
  const other = await site(tag(program.url));
  const c = await openChat(browser, other.url);
  await c.page.getByRole("button", { name: "Ann’s shop" }).click();
  await c.page.getByText("The chat cannot be shown here.").waitFor();
  await c.inspected("embed-refused");
  await eventually(async () => assert.ok(c.complaints.some((text) => text.includes("--cors")), JSON.stringify(c.complaints)));
  assert.ok(c.complaints.some((text) => /frame-ancestors/.test(text)));
  c.complaints.length = 0;
  await c.close();
  other.close();
});

test("Edge08_21 without --cors no other site shows the chat", async () => {
  const own = await new Program().start();
  shop.show(tag(own.url));
  const c = await openChat(browser, shop.url);
  await c.page.getByRole("button", { name: "Manyvox" }).click();
  await c.page.getByText("The chat cannot be shown here.").waitFor();
  assert.ok(c.complaints.some((text) => /frame-ancestors 'self'/.test(text)), JSON.stringify(c.complaints));
  c.complaints.length = 0;
  await c.close();
  await own.close();
});

test("Edge08_21 the chat opens below a prefix that a proxy takes off", async () => {
  const proxy = await prefixed(program.port, "/bots/ann");
  const c = await visit(tag(proxy.url));
  await c.launcher.click();
  await message(c).fill("through a proxy");
  await message(c).press("Enter");
  await says(c, /^through a proxy$/);
  await c.close();
  proxy.close();
});

test("Edge08_21 the script in the head waits for the page", async () => {
  const c = await visit(html("").replace("</head>", `<script async src="${program.url}/chat/embed.js"></script></head>`));
  await c.launcher.click();
  await c.frame.getByRole("heading", { name: "Ask Ann" }).waitFor();
  await c.close();
});

test("Edge08_21 nobody but the frame can close the chat", async () => {
  const c = await visit(tag(program.url));
  await c.launcher.click();
  await c.frame.getByRole("heading", { name: "Ask Ann" }).waitFor();
  await c.page.evaluate(() => new Promise((resolve) => {
    addEventListener("message", () => setTimeout(resolve), { once: true });
    postMessage({ manyvox: "close" }, "*");
  }));
  assert.ok(await c.panel.isVisible());
  await c.close();
});
