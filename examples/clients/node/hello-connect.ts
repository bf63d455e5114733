// Talks to Manyvox by @connectrpc/connect-node.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ChannelService } from "./gen/manyvox/v1/channel_pb.js";

const baseUrl = process.env["MANYVOX_URL"] ?? "http://localhost:5005";
const withToken: Interceptor = (next) => (req) => {
  req.header.set("Authorization", `Bearer ${process.env["TOKEN"]}`);
  return next(req);
};
const client = createClient(ChannelService, createConnectTransport({ baseUrl, httpVersion: "2", interceptors: [withToken] }));

// With a messageId the call may be made again: the assistant sees the message once.
const messageId = crypto.randomUUID();
for (let i = 0; i < 2; i++) {
  const { replies } = await client.receive({ sender: "me", message: "hello", messageId });
  console.log("reply:", replies[0]?.text);
}

for await (const { event } of client.receiveStream({ sender: "me", message: "/stream 3" })) {
  if (event.case === "delta") {
    console.log("delta:", event.value.text);
  }
}

try {
  await client.receive({ sender: "me", metadataJson: "{" });
} catch (err) {
  const failure = ConnectError.from(err);
  console.log("error:", Code[failure.code], failure.findDetails(ErrorInfoSchema)[0]?.reason);
}
process.exit(); // else its idle connection keeps it alive
