import assert from "node:assert/strict";
import { test } from "node:test";
import { laidOut } from "../src/json.js";

test("JSON is laid out value for value", () => {
  assert.equal([...laidOut('{"a":12345678901234567890, "b":["x, {\\"y}",true],"c":{ },"d":[[]]}')].join(""),
    '{\n  "a": 12345678901234567890,\n  "b": [\n    "x, {\\"y}",\n    true\n  ],\n  "c": {},\n  "d": [\n    []\n  ]\n}');
  assert.equal([...laidOut("no JSON {")].join(""), "no JSON {");
  assert.equal([...laidOut('"a')].join(""), '"a');
});

// What is laid out of it at a time stays small, and nothing is lost.
const long: [name: string, json: string][] = [
  ["10,000 levels", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
  ["10,000 levels of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
  ["small numbers", `[${"1,".repeat(400_000)}1]`],
  ["one string", JSON.stringify("a\\\"".repeat(1 << 20))],
];

for (const [name, json] of long) {
  test(`Edge08_21 JSON that is deep or long comes in small pieces: ${name}`, () => {
    const pieces = [...laidOut(json)];
    assert.ok(pieces.every((piece) => piece.length <= 20_000 && piece.split("\n").length <= 201));
    assert.equal(pieces.join("").replace(/\s/g, ""), json.replace(/\s/g, ""));
  });
}

test("Edge08_21 the first piece does not wait for the others", () => {
  const text = `[${"1,".repeat(1 << 20)}1]`;
  let read = 0;
  for (const piece of laidOut(text)) {
    read += piece.length;
    break;
  }
  assert.ok(read < 10_000);
});
