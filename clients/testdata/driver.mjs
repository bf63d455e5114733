// Makes one call with the npm package for a test, and writes a line for all that comes of it:
//
//   node driver.mjs URL receive|stream|subscribe|leave '{"sender": "ann"}'
//
// Leave goes away from a stream after its first event.
import { Client, ManyvoxError } from "@manyvox/client";

const [baseUrl, method, json] = process.argv.slice(2);
const client = new Client({ baseUrl, token: "open-sesame" });
const request = JSON.parse(json);
const texts = (replies) => replies.map((reply) => reply.text).join("|");

const calls = {
  async receive() {
    const { replies } = await client.receive(request);
    console.log(`replies ${texts(replies)}`);
  },
  async stream() {
    for await (const { case: kind, value } of client.receiveStream(request)) {
      console.log(`${kind} ${value.replyId} ${kind === "delta" ? value.text : value.reply.text}`);
    }
  },
  async subscribe() {
    for await (const event of client.subscribe(request)) {
      console.log(`said ${event.value.messageId} ${texts(event.value.replies)}`);
    }
  },
  async leave() {
    const controller = new AbortController();
    try {
      for await (const { value } of client.receiveStream(request, { signal: controller.signal })) {
        console.log(`delta ${value.replyId} ${value.text}`);
        controller.abort();
      }
    } catch (err) {
      if (err !== controller.signal.reason) throw err;
    }
    for await (const { value } of client.receiveStream(request)) {
      console.log(`delta ${value.replyId} ${value.text}`);
      break;
    }
  },
};

try {
  await calls[method]();
  console.log("done");
} catch (err) {
  if (!(err instanceof ManyvoxError)) throw err;
  console.log(`error ${err.code} ${err.reason} ${(err.retryAfter ?? 0) / 1000} ${texts(err.replies)}`.trimEnd());
}
