// An agent for Manyvox in TypeScript: a server that implements manyvox.v1.ChannelService.
//
//   npm ci && npm run build && node dist/agent.js 50052
//
// and in endpoints.yml: agent: {type: remote, url: "http://localhost:50052"}
//
// The code in gen is made by buf from the files that `manyvox proto -o proto` writes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { ChannelService, type ReceiveStreamRequest, type ReceiveStreamResponseSchema } from "./gen/manyvox/v1/channel_pb.js";

type Event = MessageInitShape<typeof ReceiveStreamResponseSchema>;

/** Answers one message: a text in pieces, then what came with it as metadata. */
async function* receiveStream({ message, metadataJson }: ReceiveStreamRequest): AsyncGenerator<Event> {
  let text = "";
  for (const word of `You said ${message}`.split(" ")) {
    const piece = text === "" ? word : ` ${word}`;
    text += piece;
    yield { event: { case: "delta", value: { replyId: "1", text: piece } } };
  }
  yield { event: { case: "reply", value: { replyId: "1", reply: { text } } } };
  if (metadataJson !== "") {
    yield { event: { case: "reply", value: { replyId: "2", reply: { customJson: metadataJson } } } };
  }
}

const server = createServer(
  connectNodeAdapter({ routes: (router) => router.service(ChannelService, { receiveStream }) }),
);
server.listen(Number(process.argv[2]), "127.0.0.1", () => {
  console.log("listening on", (server.address() as AddressInfo).port);
});
