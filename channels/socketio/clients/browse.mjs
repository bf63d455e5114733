// Holds a conversation through a published chat widget in Chromium and prints "heard"
// and a text for each reply that the page shows. Arguments: widget, address of the
// pages, address of the server.
import { chromium } from "playwright-core";

const [widget, pages, server] = process.argv.slice(2);
const patience = 30_000;

const widgets = {
  "rasa-webchat": {
    open: async (page) => page.locator(".rw-launcher").click(),
    say: async (page, text) => {
      await page.locator(".rw-new-message").fill(text);
      await page.locator(".rw-send").click();
    },
    reply: (page, text) => page.locator(".rw-response", { hasText: text }),
    choose: (page, title) => page.locator(".rw-reply", { hasText: title }),
    session: (page) => page.evaluate(() => JSON.parse(localStorage.getItem("chat_session")).session_id),
    begins: "Three.",
  },
  "deep-chat": {
    open: async (page) => page.waitForFunction(() => document.title === "ready"),
    say: async (page, text) => {
      await page.locator("deep-chat #text-input").fill(text);
      await page.keyboard.press("Enter");
    },
    reply: (page, text) => page.locator("deep-chat .ai-message-text", { hasText: text }),
    session: (page) => page.evaluate(() => localStorage.getItem("session")),
  },
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(patience);
  // Fonts and the like from other places: there is no network in a test.
  await page.route((url) => url.hostname !== "127.0.0.1", (route) => route.abort());
  page.on("console", (m) => console.error(m.type(), m.text()));
  page.on("pageerror", (e) => console.error("error", e.message));
  const w = widgets[widget];
  await page.goto(`${pages}/pages/${widget}.html?server=${encodeURIComponent(server)}`);
  await w.open(page);
  const heard = async (text) => {
    await w.reply(page, text).last().waitFor();
    console.log("heard", text);
  };
  if (w.begins) await heard(w.begins);
  await w.say(page, "hello over there");
  await heard("hello over there");
  if (w.choose) {
    await w.say(page, "/quick");
    await heard("Pick one");
    await w.choose(page, "Yes").click();
    await heard("/affirm");
  }
  const session = await w.session(page);
  await page.reload();
  if (!w.begins) await w.open(page);
  await w.say(page, "back again");
  await heard("back again");
  console.log("session", (await w.session(page)) === session ? "kept" : "new");
} finally {
  await browser.close();
}
