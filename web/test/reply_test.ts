import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { attachmentOf } from "../src/attachment.js";
import { ReplySchema } from "../src/gen/manyvox/v1/channel_pb.js";
import { cardsOf, replyOf, type Reply } from "../src/reply.js";
import { after, newTurn } from "../src/turn.js";

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

test("Edge08_20 a reply and a text in progress keep their format", () => {
  assert.deepEqual(replyOf("1", create(ReplySchema, { text: "a", format: "markdown" })), { id: "1", text: "a", format: "markdown" });
  assert.deepEqual(replyOf("1", create(ReplySchema, { text: "a", format: "of tomorrow" })), { id: "1", text: "a" });
  const turn = after(newTurn("t", 0, "hi"), { is: "delta", id: "1", text: "a", format: "markdown" });
  assert.deepEqual(after(turn, { is: "delta", id: "1", text: "b", format: "markdown" }).replies, [{ id: "1", text: "ab", format: "markdown", partial: true }]);
});

test("Edge08_20 Markdown is no card", () => {
  assert.deepEqual(cardsOf(texts({ text: "A : b", buttons, format: "markdown" })), [undefined]);
});
