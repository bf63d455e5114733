// Sends a message to Manyvox and prints the replies, first all together, then as
// they are written. The token, if the channel has one, comes from the environment.
//
//   npm run build && TOKEN=secret node dist/hello.js http://localhost:5005 "/stream 5"
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ChannelService } from "./gen/manyvox/v1/channel_pb.js";

const [baseUrl = "http://localhost:5005", message = "hello"] = process.argv.slice(2);

const bearer: Interceptor = (next) => (req) => {
  if (process.env.TOKEN) {
    req.header.set("Authorization", `Bearer ${process.env.TOKEN}`);
  }
  return next(req);
};

const client = createClient(ChannelService, createConnectTransport({ baseUrl, interceptors: [bearer] }));

const health = await client.health({});
for (const { name, capabilities } of health.channels) {
  console.log(`channel ${name} can ${capabilities.join(", ")}`);
}

const { replies } = await client.receive({ sender: "ann", message });
for (const { text } of replies) {
  console.log(`reply: ${text}`);
}

for await (const { event } of client.receiveStream({ sender: "ann", message })) {
  switch (event.case) {
    case "delta":
      console.log(`delta ${event.value.replyId}: ${event.value.text}`);
      break;
    case "reply":
      console.log(`reply ${event.value.replyId}: ${event.value.reply?.text}`);
      break;
  }
}
