import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeMarkdown, plain } from "../src/plain.js";

test("Edge08_20 a plain text is cut at blank lines and has commands", () => {
  assert.deepEqual(plain("\n\na  b\n/help - c\n \n\nd\n\n"), [
    { length: 19, block: { is: "paragraph", of: ["a  b\n", { is: "command", text: "/help" }, " - c"] } },
    { length: 4, block: { is: "paragraph", of: ["d"] } },
  ]);
  assert.deepEqual(plain(" \n\n"), []);
});

for (const [name, text] of [["one word", "a".repeat(64 << 10)], ["words", "ab ".repeat(20_000)], ["lines", "a\n".repeat(32 << 10)], ["blank lines", "\n".repeat(64 << 10)], ["paragraphs", "a\n\n".repeat(20_000)], ["faces", "😀".repeat(20_000)]] as const) {
  test(`Edge08_20 no element holds too much of a long text: ${name}`, () => {
    const pieces = plain(text);
    const parts = pieces.map(({ block }) => (block.is === "paragraph" ? block.of.join("") : ""));
    assert.ok(parts.every((part) => part.length <= 8000 && part.split("\n").length <= 201), String(parts.map((p) => p.length)));
    assert.ok(pieces.length <= 1000, String(pieces.length));
    assert.equal(parts.join("").replace(/\s/g, ""), text.replace(/\s/g, ""));
    assert.ok(parts.every((part) => !/\p{Cs}/u.test(part)));
    assert.ok(pieces.length === 0 || pieces.reduce((sum, { length }) => sum + length, 0) === text.length);
  });
}

test("Edge08_20 the worker is asked only about what may be Markdown", () => {
  for (const text of ["Hello!", "a - b, 3.5 or 1.", "One.\n\nTwo (2)?", "    a", "Offers\n=", "/help"]) {
    assert.equal(mayBeMarkdown(text, ""), false, text);
  }
  for (const text of ["*a*", "a\n- b", "1. a", "12) a", "`a`", "# a", "> a", "https://a.example", "a | b", "---", "~~a~~", "[a](b)", "<b>", "+\ta"]) {
    assert.equal(mayBeMarkdown(text, ""), true, text);
  }
  assert.equal(mayBeMarkdown("    a", "markdown"), true);
  assert.equal(mayBeMarkdown("Offers\n=", "markdown"), true);
});
