// What an assistant writes in Markdown, in the browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, launch, openChat, Program } from "./kit.mjs";
import { rich } from "./rich.mjs";

let program, browser;
before(async () => { program = await new Program().start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

function chat(name, steps, options) {
  test(`Edge08_20 ${name}`, async () => {
    const c = await openChat(browser, program.url, options);
    await steps(c);
    await c.close();
  });
}

const workers = (c) => c.page.workers().length;

/** Waits until every text that has come is read. */
async function isRead(c) {
  await eventually(async () => assert.equal(await c.page.locator(".prose[aria-busy], [data-partial]").count(), 0));
}

async function markdown(c, text, end) {
  await c.send(`/markdown ${text}`);
  await c.page.locator(".reply").getByText(end).last().waitFor();
  await isRead(c);
}

chat("the parser is loaded with the first reply that needs it, and what is plain needs none", async (c) => {
  const loaded = [];
  c.page.on("request", (r) => r.url().includes("reader.worker") && loaded.push(r.url()));
  await c.ask("Hello there", /^Hello there$/);
  await c.ask("/help", "I repeat what you write");
  assert.equal(workers(c), 0);
  await c.ask("Some **bold** words", "Some bold words");
  await c.page.locator("strong").getByText("bold").waitFor();
  assert.equal(workers(c), 1);
  await c.ask("More *words*", "More words");
  await c.page.locator("em").getByText("words").waitFor();
  assert.equal(loaded.length, 1);
});

chat("until the parser is there the text is plain, and grows", async (c) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await c.page.route("**/reader.worker-*", async (route) => { await held; await route.continue(); });
  await c.send("/grow 20 Some **bold** words that come in pieces, **one** after the other. And the last.");
  await eventually(async () => assert.deepEqual(await c.replies(), ["Some **bold** words that come in pieces, **one** after the other. And the last."]));
  release();
  await eventually(async () => assert.deepEqual(await c.page.locator(".reply strong").allInnerTexts(), ["bold", "one"]));
});

chat("without the parser the text stays plain", async (c) => {
  await c.page.route("**/reader.worker-*", (route) => route.abort());
  await c.send("Some **bold** words");
  await c.says(["Some **bold** words"]);
  await isRead(c);
  c.complaints.length = 0; // of the file that could not be loaded
});

chat("nested lists, tasks, tables, rules, quotes and strikethrough become elements", async (c) => {
  await markdown(c, rich, "Enjoy");
  const prose = c.page.locator(".reply .prose");
  const count = async (selector, n) => assert.equal(await prose.locator(selector).count(), n, selector);
  await count("> ol > li > ul > li > ul > li", 2);
  await count("li.task > input[type=checkbox]:disabled", 3);
  await count("li.task > input:checked", 1);
  await count("> .table > table > tbody > tr > td", 12);
  await count("td[data-align=right]", 3);
  await count("blockquote blockquote", 1);
  await count("> hr", 1);
  await count("del", 1);
  await count("b", 0);
  assert.equal(await prose.locator("> p").last().innerText(), "Enjoy <b>it</b>!");
});

chat("code with blank lines is one bubble, whatever the format", async (c) => {
  const code = "```js\nlet a;\n\nlet b;\n\n\nlet c;\n```";
  for (const [i, text] of [code, `/markdown ${code}`, `/grow 5 ${code}`].entries()) {
    await c.send(text);
    await eventually(async () => assert.equal(await c.page.locator(".turn").nth(i).locator("pre code").innerText(), "let a;\n\nlet b;\n\n\nlet c;"));
    await isRead(c);
    assert.equal(await c.page.locator(".turn").nth(i).locator(".reply").count(), 1);
  }
  assert.deepEqual(await c.page.locator(".language").allInnerTexts(), ["js", "js", "js"]);
});

chat("long code scrolls both ways and can be copied whole", async (c) => {
  await c.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const code = Array.from({ length: 150 }, (_, i) => `line ${i} ${"is long ".repeat(40)}`).join("\n");
  await markdown(c, `\`\`\`text\n${code}\n\`\`\``, "line 149");
  const pre = c.page.locator(".code pre");
  const box = await pre.evaluate((e) => ({ tall: e.scrollHeight > e.clientHeight + 1000, wide: e.scrollWidth > e.clientWidth + 1000, high: e.clientHeight }));
  assert.ok(box.tall && box.wide && box.high <= 512, JSON.stringify(box));
  await pre.focus();
  await c.page.keyboard.press("End");
  await eventually(async () => assert.ok(await pre.evaluate((e) => e.scrollTop > 1000)));
  await c.page.getByRole("button", { name: "Copy code" }).click();
  await c.page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await c.page.evaluate(() => navigator.clipboard.readText()), code);
});

chat("links lead out safely, and only where they may", async (c) => {
  await markdown(c, "[a](https://a.example) [b](mailto:b@c.example) [d](javascript:window.hacked=1) [e](data:text/html,x) [f](//g.example) [h](vbscript:x) the end", "the end");
  const links = await c.page.locator(".prose a").evaluateAll((all) => all.map((a) => [a.href, a.target, a.rel]));
  assert.deepEqual(links, [["https://a.example/", "_blank", "noopener noreferrer"], ["mailto:b@c.example", "_blank", "noopener noreferrer"]]);
  assert.match((await c.replies())[0], /\[d\]\(javascript:window\.hacked=1\)/);
});

chat("images come from http, https and data:image, without a referrer", async (c) => {
  const asked = [];
  await c.page.route("https://pictures.example/**", async (route) => {
    asked.push(route.request().headers()["referer"]);
    await route.fulfill({ contentType: "image/svg+xml", body: '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>' });
  });
  await markdown(c, "![one](https://pictures.example/1.svg) ![two](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7) ![three](javascript:alert(1)) ![four](data:text/html,x) ![five](blob:x) the end", "the end");
  await eventually(async () => assert.deepEqual(await c.page.locator(".prose img").evaluateAll((all) => all.map((i) => i.alt)), ["one", "two"]));
  await eventually(async () => assert.ok(await c.page.getByRole("img", { name: "one" }).evaluate((e) => e.naturalWidth === 40)));
  assert.deepEqual(asked, [undefined]);
  assert.match((await c.replies())[0], /three four five the end/);
});

chat("a table that is too wide scrolls sideways on a phone", async (c) => {
  await markdown(c, `|${" a long heading |".repeat(8)}\n|${"-|".repeat(8)}\n|${" some words here |".repeat(8)}\n\nthe end`, "the end");
  const { wide, over } = await c.page.locator(".table").evaluate((e) => ({ wide: e.scrollWidth > e.clientWidth + 100, over: document.documentElement.scrollWidth - innerWidth }));
  assert.ok(wide && over <= 0);
  await c.page.locator(".table").evaluate((e) => e.scrollTo({ left: 1000 }));
  assert.ok(await c.page.locator("th").last().evaluate((e) => e.getBoundingClientRect().right <= innerWidth));
}, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });

chat("in a text that grows, what is there keeps its elements, its selection and its place", async (c) => {
  const code = `\`\`\`js\n${"let x = 1; // with a comment\n".repeat(60)}\`\`\``;
  await c.send(`/grow 15 Some **bold** words.\n\n- one\n- two\n\n${code}\n\nthe *very* end`);
  await c.page.locator(".reply strong").waitFor();
  await c.page.evaluate(() => {
    window.strong = document.querySelector(".reply strong");
    getSelection().selectAllChildren(window.strong);
  });
  await eventually(async () => assert.ok(await c.page.locator(".code pre").evaluate((e) => e.scrollHeight > e.clientHeight + 50)));
  await c.page.locator(".code pre").evaluate((e) => {
    window.pre = e;
    e.scrollTop = 33;
    e.focus();
  });
  await c.page.locator(".reply em").getByText("very").waitFor();
  await isRead(c);
  assert.deepEqual(await c.page.evaluate(() => [
    window.strong === document.querySelector(".reply strong"), String(getSelection()),
    window.pre === document.querySelector(".code pre"), window.pre.scrollTop, document.activeElement === window.pre,
  ]), [true, "bold", true, 33, true]);
  assert.equal(await c.page.locator(".reply pre code").innerText(), "let x = 1; // with a comment\n".repeat(60).trimEnd());
  await c.page.locator(".reply[aria-atomic]").waitFor({ state: "detached" });
});

chat("what has grown is at the end what it is when it comes whole", async (c) => {
  await c.send(`/grow 2 ${rich}`);
  await c.page.locator(".reply").getByText("Enjoy").waitFor();
  await isRead(c);
  await markdown(c, rich, "Enjoy");
  const [grown, whole] = await c.page.locator(".reply .prose").evaluateAll((all) => all.map((e) => e.outerHTML));
  assert.equal(grown, whole);
  await c.page.reload();
  await eventually(async () => assert.equal(await c.page.locator(".reply .prose").first().evaluate((e) => e.outerHTML), whole));
});

chat("a text that the parser cannot read in time stays plain, and the next is read", async (c) => {
  await c.send("/repeat 65536 a-_");
  await c.shows("the end");
  await isRead(c);
  assert.equal(await c.page.locator(".prose :not(p)").count(), 0);
  await markdown(c, "**bold** again", "again");
  assert.equal(await c.page.locator(".prose strong").innerText(), "bold");
});

chat("no style or script of a reply is let in, and the policy is as strict as it was", async (c) => {
  await markdown(c, '<style>body{display:none}</style><script>window.hacked=1</script>\n\n<iframe src="javascript:parent.hacked=1"></iframe>\n\n`<b>` &lt;img src=x onerror=hacked=1&gt;\n\nthe end', "the end");
  assert.equal(await c.page.locator(".reply :is(style, script, iframe, img)").count(), 0);
  assert.equal(await c.page.evaluate(() => window.hacked), undefined);
  const policy = (await (await fetch(`${program.url}/chat/`)).headers).get("Content-Security-Policy");
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|worker-src/);
});
