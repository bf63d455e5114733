import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks } from "../src/markdown.js";
import { inlines } from "../src/inline.js";

const shown: [name: string, text: string, want: unknown][] = [
  ["plain", "Hello", ["Hello"]],
  ["bold, slanted, struck out", "**a** *b* _c_ ~~d~~", [
    { is: "strong", of: ["a"] }, " ", { is: "em", of: ["b"] }, " ", { is: "em", of: ["c"] }, " ", { is: "del", of: ["d"] },
  ]],
  ["one in the other", "**a *b***", [{ is: "strong", of: ["a ", { is: "em", of: ["b"] }] }]],
  ["code holds no Markdown", "`**a**`", [{ is: "code", text: "**a**" }]],
  ["names and sums are no emphasis", "snake_case_name 2 * 3 * 4", ["snake_case_name 2 * 3 * 4"]],
  ["link", "[a](https://example.com)", [{ is: "link", href: "https://example.com/", of: ["a"] }]],
  ["bare link", "see https://example.com/a_b_c.", ["see ", { is: "link", href: "https://example.com/a_b_c", of: ["https://example.com/a_b_c"] }, "."]],
  ["script is no link", "[a](javascript:alert(1)) [b](data:text/html,x)", ["[a](javascript:alert(1)) [b](data:text/html,x)"]],
  ["line break", "a\nb", ["a", { is: "break" }, "b"]],
  ["command", "/help - this list\nnot /here", [{ is: "command", text: "/help" }, " - this list", { is: "break" }, "not /here"]],
  ["HTML is text", "<b>a</b> &amp;", ["<b>a</b> &amp;"]],
  ["what is not closed is text", "**a *b `c [d](e", ["**a *b `c [d](e"]],
];

for (const [name, text, want] of shown) {
  test(`inline: ${name}`, () => assert.deepEqual(inlines(text), want));
}

const kinds: [name: string, text: string, want: string[]][] = [
  ["paragraphs", "a\nb\n\nc", ["paragraph", "paragraph"]],
  ["heading", "# a\nb", ["heading", "paragraph"]],
  ["lists", "- a\n- b\n\n1. c", ["list", "list"]],
  ["list after a line", "a:\n- b", ["paragraph", "list"]],
  ["quote", "> a\n> b\nc", ["quote", "paragraph"]],
  ["code", "```js\na\n\nb\n```\nc", ["code", "paragraph"]],
  ["code that is still being written", "a\n```\nb\n\nc", ["paragraph", "code"]],
  ["rule", "a\n\n---\nb", ["paragraph", "rule", "paragraph"]],
  ["nothing", " \n\n", []],
];

for (const [name, text, want] of kinds) {
  test(`block: ${name}`, () => assert.deepEqual(blocks(text).map((b) => b.is), want));
}

test("a list keeps where it starts, and its lines", () => {
  assert.deepEqual(blocks("3. a\n   more\n4. b"), [
    { source: "3. a\n   more\n4. b", is: "list", start: 3, items: [["a", { is: "break" }, "more"], ["b"]] },
  ]);
});

test("the blocks hold every line, in order", () => {
  const text = "# a\nb\n- c\n- d\n> e\n```\nf\n```\ng\n---\nh";
  assert.equal(blocks(text).map((b) => b.source).join("\n"), text);
});

// cpu is how many microseconds of this process the blocks of a text take.
function cpu(text: string): number {
  const before = process.cpuUsage();
  blocks(text);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

// Eight times the text takes eight times as long, and 64 times where the work is quadratic.
for (const piece of ["*", "**", " **a", "_", "`", "[", "[a](", "~~", "> ", "- ", "#", "/a ", "https://a ", "```\n"]) {
  test(`the work for ${JSON.stringify(piece)} rises with the length of the text`, () => {
    const ratios = [];
    for (let i = 0; i < 5; i++) {
      const short = cpu(piece.repeat((8 << 10) / piece.length));
      const long = cpu(piece.repeat((64 << 10) / piece.length));
      ratios.push(long / Math.max(short, 1000));
      if (ratios[i]! < 32) return;
    }
    assert.fail(`the long text took ${ratios} times as long`);
  });
}
