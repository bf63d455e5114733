import assert from "node:assert/strict";
import { test } from "node:test";
import { attachmentOf } from "../src/attachment.js";
import { indent } from "../src/json.js";
import { cardsOf, type Reply } from "../src/reply.js";

const base = "https://bot.example/";
const buttons = [{ title: "Yes", payload: "/yes" }];

function texts(...replies: Partial<Reply>[]): Reply[] {
  return replies.map((r, i) => ({ id: String(i), text: "", ...r }));
}

test("cards are told by their buttons and their neighbours", () => {
  const found = cardsOf(texts(
    { text: "Note : this is no card" },
    { text: "" },
    { text: "A : b" },
    { text: "C : d", buttons },
    { text: "E : f" },
    { text: "Pick one", buttons },
  ));
  assert.deepEqual(found.map((card) => card?.title), [undefined, undefined, "A", "C", "E", undefined]);
  assert.equal(found[3]?.subtitle, "d");
});

const attachments: [name: string, value: Parameters<typeof attachmentOf>[0], want: ReturnType<typeof attachmentOf>][] = [
  ["an address", "https://a.example/b/terms%20x.pdf?c", { is: "file", url: "https://a.example/b/terms%20x.pdf?c", name: "terms x.pdf" }],
  ["an address within the service", "/files/a.png", { is: "image", url: "https://bot.example/files/a.png", name: "a.png" }],
  ["Rasa's", { type: "video", payload: { src: "https://a.example/v" } }, { is: "video", url: "https://a.example/v", name: "v" }],
  ["by media type", { url: "https://a.example/s", mime: "audio/ogg", name: "Song" }, { is: "audio", url: "https://a.example/s", name: "Song" }],
  ["script", "javascript:alert(1)", undefined],
  ["HTML in the address", { url: "data:text/html,<script>" }, undefined],
  ["none", { type: "template" }, undefined],
  ["a list", [1], undefined],
];

for (const [name, value, want] of attachments) {
  test(`attachment: ${name}`, () => assert.deepEqual(attachmentOf(value, base), want));
}

test("JSON is laid out value for value", () => {
  assert.equal(indent('{"a":12345678901234567890,"b":["x, {y}",true],"c":{}}'),
    '{\n  "a": 12345678901234567890,\n  "b": [\n    "x, {y}",\n    true\n  ],\n  "c": {}\n}');
  assert.equal(indent("no JSON {"), "no JSON {");
});
