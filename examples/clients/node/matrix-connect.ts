// The matrix program of @connectrpc/connect-node.
import { Code, ConnectError, createClient, type CallOptions, type Interceptor } from "@connectrpc/connect";
import {
  compressionGzip, createConnectTransport, createGrpcTransport, createGrpcWebTransport, Http2SessionManager,
} from "@connectrpc/connect-node";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { ChannelService } from "./gen/manyvox/v1/channel_pb.js";
import { ConversationService } from "./gen/manyvox/v1/conversation_pb.js";
import { SubscriptionService } from "./gen/manyvox/v1/subscription_pb.js";
import { codeName, Result, run, type Command, type Failure } from "./lead.js";

const transports = { connect: createConnectTransport, grpc: createGrpcTransport, "grpc-web": createGrpcWebTransport };

type Clients = ReturnType<typeof clients>;

function clients(c: Command, sessionManager: Http2SessionManager) {
  const withToken: Interceptor = (next) => (req) => {
    req.header.set("Authorization", `Bearer ${c.token}`);
    return next(req);
  };
  const transport = transports[c.protocol]({
    baseUrl: `http://${c.at}`, httpVersion: "2", sessionManager, interceptors: [withToken],
    ...(c.gzip && { sendCompression: compressionGzip }),
  });
  return {
    channels: createClient(ChannelService, transport),
    conversations: createClient(ConversationService, transport),
    subscriptions: createClient(SubscriptionService, transport),
  };
}

async function act(c: Command, r: Result): Promise<void> {
  const manager = new Http2SessionManager(`http://${c.at}`, c.keepalive_ms > 0 ? { pingIntervalMs: c.keepalive_ms } : {});
  const options: CallOptions = c.timeout_ms > 0 ? { timeoutMs: c.timeout_ms } : {};
  try {
    await verbs[c.do](clients(c, manager), c, r, options);
  } finally {
    manager.abort();
  }
}

const verbs = { health, receive, stream, many, list, watch, subscribe };

async function health({ channels }: Clients, _: Command, r: Result): Promise<void> {
  for (const { name } of (await channels.health({})).channels) {
    r.see("channel", name);
  }
}

async function receive({ channels }: Clients, c: Command, r: Result, options: CallOptions): Promise<void> {
  for (let left = c.retry ? 5 : 1; ; left--) {
    try {
      const request = { sender: c.sender, message: c.text, messageId: c.message_id, metadataJson: c.metadata_json };
      for (const { text, customJson } of (await channels.receive(request, options)).replies) {
        r.see("reply", text, customJson);
      }
      return;
    } catch (err) {
      if (left === 1 || ConnectError.from(err).code !== Code.Unavailable) {
        throw err;
      }
    }
  }
}

async function stream({ channels }: Clients, c: Command, r: Result, options: CallOptions): Promise<void> {
  const end = new AbortController();
  const request = { sender: c.sender, message: c.text, messageId: c.message_id };
  for await (const { event } of channels.receiveStream(request, { ...options, signal: end.signal })) {
    switch (event.case) {
      case "started":
        r.see("started", event.value.messageId);
        break;
      case "delta":
        r.see("delta", event.value.text);
        break;
      case "reply":
        r.see("reply", event.value.reply?.text, event.value.reply?.customJson);
        break;
    }
    if (r.events.length === c.cancel_after) {
      end.abort();
    }
  }
}

async function many(all: Clients, c: Command, r: Result, options: CallOptions): Promise<void> {
  await health(all, c, new Result());
  const one = async (i: number): Promise<void> => {
    const own = new Result();
    await stream(all, { ...c, sender: `sender-${i}` }, own, options);
    r.count += own.events.at(-1)?.kind === "reply" ? 1 : 0;
  };
  await Promise.all(Array.from({ length: c.count }, (_, i) => one(i)));
}

async function list({ conversations }: Clients, c: Command, r: Result): Promise<void> {
  let pageToken = "";
  do {
    const page = await conversations.listEvents({ channel: "rest", sender: c.sender, pageSize: c.page_size, pageToken });
    r.count++;
    for (const { cursor } of page.events) {
      r.see("event", cursor);
    }
    pageToken = page.nextPageToken;
  } while (pageToken);
}

async function watch({ conversations }: Clients, c: Command, r: Result): Promise<void> {
  for await (const { event, cursor } of conversations.watchEvents({ channel: "rest", sender: c.sender, after: c.after })) {
    r.cursor = cursor;
    if (event) {
      r.see("event", event.cursor);
    }
    if (r.events.length === c.take) {
      break;
    }
  }
}

async function subscribe({ subscriptions }: Clients, c: Command, r: Result): Promise<void> {
  for await (const { event, cursor } of subscriptions.subscribe({ sender: c.sender, after: c.after })) {
    r.cursor = cursor;
    for (const { text } of event.case === "said" ? event.value.replies : []) {
      r.see("said", text);
    }
    if (r.events.length === c.take) {
      break;
    }
  }
}

function failure(err: unknown): Failure {
  const e = ConnectError.from(err);
  const [info] = e.findDetails(ErrorInfoSchema);
  const [bad] = e.findDetails(BadRequestSchema);
  const [retry] = e.findDetails(RetryInfoSchema);
  return {
    code: codeName(Code[e.code]), reason: info?.reason ?? "", field: bad?.fieldViolations[0]?.field ?? "",
    retry_after: retry?.retryDelay?.seconds.toString() ?? "",
  };
}

await run(act, failure);
