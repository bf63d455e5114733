import assert from "node:assert/strict";
import { test } from "node:test";
import type { Block, Format, Inline } from "../src/block.js";
import { read } from "../src/markdown.js";

function blocks(text: string, format: Format = "markdown"): Block[] {
  return read(text, format).map(({ block }) => block);
}

function inlines(text: string, format: Format = "markdown"): Inline[] {
  return blocks(text, format).flatMap((block) => ("of" in block ? (block.of as Inline[]) : []));
}

const both: Format[] = ["", "markdown"];

const shown: [name: string, text: string, want: Inline[]][] = [
  ["plain", "Hello", ["Hello"]],
  ["bold, slanted, struck out", "**a** *b* _c_ ~~d~~", [
    { is: "strong", of: ["a"] }, " ", { is: "em", of: ["b"] }, " ", { is: "em", of: ["c"] }, " ", { is: "del", of: ["d"] },
  ]],
  ["one in the other", "**a *b***", [{ is: "strong", of: ["a ", { is: "em", of: ["b"] }] }]],
  ["code holds no Markdown", "`**a**`", [{ is: "code", text: "**a**" }]],
  ["names and sums are no emphasis", "snake_case_name 2 * 3 * 4", ["snake_case_name 2 * 3 * 4"]],
  ["link", "[a](https://example.com)", [{ is: "link", href: "https://example.com/", of: ["a"] }]],
  ["bare link", "see https://example.com/a_b_c.", ["see ", { is: "link", href: "https://example.com/a_b_c", of: ["https://example.com/a_b_c"] }, "."]],
  ["mail", "[a](mailto:a@b.example)", [{ is: "link", href: "mailto:a@b.example", of: ["a"] }]],
  ["script is no link", "[a](javascript:alert(1)) [b](data:text/html,x) <javascript:x>", ["[a](javascript:alert(1)) [b](data:text/html,x) <javascript:x>"]],
  ["a relative link is none", "[a](/b) [c](//d.example)", ["[a](/b) [c](//d.example)"]],
  ["image", "![a *b*](https://example.com/c.png)", [{ is: "image", src: "https://example.com/c.png", alt: "a *b*" }]],
  ["line break", "a\nb", ["a\nb"]],
  ["command", "/help - this list\nnot /here", [{ is: "command", text: "/help" }, " - this list\nnot /here"]],
  ["command before a format", "/help\n/image **a**", [{ is: "command", text: "/help" }, "\n", { is: "command", text: "/image" }, " ", { is: "strong", of: ["a"] }]],
  ["no command, since the word goes on", "/help**a**", ["/help", { is: "strong", of: ["a"] }]],
  ["HTML is text", '<b onclick="x">a</b> <!-- c -->', ['<b onclick="x">a</b> <!-- c -->']],
  ["what is not closed is text", "**a *b `c [d](e", ["**a *b `c [d](e"]],
];

for (const [name, text, want] of shown) {
  for (const format of both) {
    test(`Edge08_20 inline, ${format || "plain"}: ${name}`, () => assert.deepEqual(inlines(text, format), want));
  }
}

const careful: [name: string, text: string, asMarkdown: Block[]][] = [
  ["a product", "2*3*4", [{ is: "paragraph", of: ["2", { is: "em", of: ["3"] }, "4"] }]],
  ["a backslash", "C:\\_temp", [{ is: "paragraph", of: ["C:_temp"] }]],
  ["an entity", "a &amp; b", [{ is: "paragraph", of: ["a & b"] }]],
  ["one tilde", "~5~ km", [{ is: "paragraph", of: [{ is: "del", of: ["5"] }, " km"] }]],
  ["a line of dashes", "Offers\n---", [{ is: "heading", level: 2, of: ["Offers"] }]],
  ["an indent", "    a", [{ is: "code", language: "", text: "a" }]],
  ["a note", "[1]: below", []],
];

for (const [name, text, asMarkdown] of careful) {
  test(`Edge08_20 a text that was not said to be Markdown stays as it is: ${name}`, () => {
    assert.deepEqual(blocks(text, "markdown"), asMarkdown);
    const lines = blocks(text, "").flatMap((block) => (block.is === "rule" ? ["---"] : "of" in block ? (block.of as string[]) : []));
    assert.equal(lines.join("\n").trim(), text.trim());
  });
}

const kinds: [name: string, text: string, want: string[]][] = [
  ["paragraphs", "a\nb\n\nc", ["paragraph", "paragraph"]],
  ["heading", "# a\nb", ["heading", "paragraph"]],
  ["lists", "- a\n- b\n\n1. c", ["list", "list"]],
  ["list after a line", "a:\n- b", ["paragraph", "list"]],
  ["quote", "> a\n> b\n\nc", ["quote", "paragraph"]],
  ["code", "```js\na\n\nb\n```\nc", ["code", "paragraph"]],
  ["code that is still being written", "a\n```\nb\n\nc", ["paragraph", "code"]],
  ["rule", "a\n\n---\nb", ["paragraph", "rule", "paragraph"]],
  ["HTML", "<div>\n*a*\n</div>", ["paragraph"]],
  ["nothing", " \n\n", []],
];

for (const [name, text, want] of kinds) {
  test(`Edge08_20 block: ${name}`, () => assert.deepEqual(blocks(text).map((b) => b.is), want));
}

test("Edge08_20 a list keeps where it starts, its lines and the lists in it", () => {
  assert.deepEqual(blocks("3. a\n   more\n4. b\n   - c\n     - d"), [{
    is: "list", start: 3, items: [
      { of: [{ is: "text", of: ["a\nmore"] }] },
      { of: [{ is: "text", of: ["b"] }, { is: "list", items: [
        { of: [{ is: "text", of: ["c"] }, { is: "list", items: [{ of: [{ is: "text", of: ["d"] }] }] }] },
      ] }] },
    ],
  }]);
});

test("Edge08_20 tasks are done or to be done", () => {
  const tasks = (text: string) => blocks(text).flatMap((b) => (b.is === "list" ? b.items : [])).map(({ checked, of }) => [checked, of.map((b) => "of" in b && b.of)]);
  assert.deepEqual(tasks("- [x] a\n- [ ] b\n- c"), [[true, [["a"]]], [false, [["b"]]], [undefined, [["c"]]]]);
  assert.deepEqual(tasks("- [x] a\n\n  b"), [[true, [["a"], ["b"]]]]);
});

test("Edge08_20 a table has its cells and their sides", () => {
  assert.deepEqual(blocks("| a | b |\n|:--|--:|\n| **c** | d \\| e |\n| f |"), [{
    is: "table", align: ["left", "right"], head: [["a"], ["b"]],
    rows: [[[{ is: "strong", of: ["c"] }], ["d | e"]], [["f"], []]],
  }]);
});

test("Edge08_20 code keeps its blank lines and has its language", () => {
  assert.deepEqual(blocks("~~~python title=x\na\n\n\n  b &amp;\n~~~"), [{ is: "code", language: "python", text: "a\n\n\n  b &amp;" }]);
});

test("Edge08_20 the entities that are known become characters", () => {
  assert.deepEqual(inlines("&lt;b&gt; &#65;&#x42; &nbsp;&mdash; &unknown; &constructor; &#0; &#x110000;"), ["<b> AB \u00a0— &unknown; &constructor; \ufffd \ufffd"]);
});

test("Edge08_20 what is too deep is plain", () => {
  const depth = (block: Block): number => (block.is === "quote" ? 1 + Math.max(0, ...block.of.map(depth)) : 0);
  assert.equal(depth(blocks(`${"> ".repeat(50)}a`)[0] as Block), 13);
});

/** Returns all text of blocks, or whatever else is in them. */
function said(of: unknown): string {
  if (typeof of === "string") {
    return of;
  }
  const { is: _is, ...rest } = of as Record<string, unknown>;
  return Object.values(Array.isArray(of) ? of : rest).map((v) => (typeof v === "string" || typeof v === "object" ? said(v ?? {}) : "")).join("");
}

for (const part of ["*a* ", "a\n\n", "- a\n", "1. *a*\n", "- a\n  - b\n", "> a\n\n", "```\na\n```\n", "|a|\n|-|\n|b|\n\n"]) {
  test(`Edge08_20 what is too much is plain, and nothing is lost: ${JSON.stringify(part)}`, () => {
    const n = Math.floor((64 << 10) / part.length);
    const elements = (block: Block) => JSON.stringify(block).match(/"is":"/g)?.length ?? 0;
    const made = blocks(part.repeat(n));
    assert.ok(made.every((block) => elements(block) <= 600));
    assert.ok(made.reduce((sum, block) => sum + elements(block), 0) <= 3700);
    assert.equal(said(made).match(/a/g)?.length, n);
  });
}

test("Edge08_20 a table that is too big is code", () => {
  assert.deepEqual(blocks(`|a|\n|-|\n${"|b|\n".repeat(3000)}`).map((b) => b.is), ["code"]);
});

test("Edge08_20 a block of very many lines is plain, cut and whole", () => {
  for (const text of [`*a*\n${"b\n".repeat(20_000)}`, `- *a*\n${"b\n".repeat(20_000)}`, `\`\`\`\na\n${"b\n".repeat(20_000)}\`\`\``, `|a|\n|-|\n${"b\n".repeat(20_000)}`]) {
    const made = blocks(text);
    assert.ok(made.length > 50 && made.every((b) => b.is === "paragraph"), String(made.length));
    assert.equal(said(made).match(/b/g)?.length, 20_000);
  }
});

test("Edge08_20 a long list goes on in another", () => {
  const made = blocks("1. a\n".repeat(250));
  assert.deepEqual(made.map((b) => b.is === "list" && [b.start, b.items.length, b.continues]), [[1, 100, undefined], [101, 100, true], [201, 50, true]]);
});

test("Edge08_20 the lengths of the pieces add up to the text", () => {
  const parts = ["# a\n", "b", "\n", "\n\n", "- c\n", "  - d\n", "> e\n", "```\n", "f\n", "---\n", "| g |\n|---|\n", "[h]: i\n", "    j\n", "**", " ", "`", "1. k\n", "<p>\n"];
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: random(12) }, () => parts[random(parts.length)]).join("");
    const pieces = read(text, both[i % 2] as Format);
    const sum = pieces.reduce((n, { length }) => n + length, 0);
    assert.ok(sum === text.length || pieces.every(({ length }) => length === 0), JSON.stringify(text));
  }
});
