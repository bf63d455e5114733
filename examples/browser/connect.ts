// The script of connect.html. The token, if the channel has one, stands in the page's
// address: connect.html#token=secret
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ChannelService } from "../typescript/gen/manyvox/v1/channel_pb.js";

const baseUrl = "http://localhost:5005";
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const sender = crypto.randomUUID();

const bearer: Interceptor = (next) => (req) => {
  if (token) {
    req.header.set("Authorization", `Bearer ${token}`);
  }
  return next(req);
};

const client = createClient(ChannelService, createConnectTransport({ baseUrl, interceptors: [bearer] }));

async function ask(message: string): Promise<void> {
  for await (const { event } of client.receiveStream({ sender, message })) {
    if (event.case === "reply") {
      show(event.value.reply?.text ?? "");
    }
  }
}

function show(text: string): void {
  document.querySelector("pre")?.append(`${text}\n`);
}

document.querySelector("form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const message = String(new FormData(event.target as HTMLFormElement).get("message"));
  ask(message).catch((err: unknown) => show(String(err)));
});
