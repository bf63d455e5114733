// The matrix program of @grpc/grpc-js, which needs no generated code: it reads the .proto files.
import {
  compressionAlgorithms, credentials, loadPackageDefinition, Metadata, status,
  type ClientReadableStream, type GrpcObject, type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { fromBinary } from "@bufbuild/protobuf";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema, StatusSchema } from "./gen/google/rpc/error_details_pb.js";
import { codeName, Result, run, type Command, type Failure } from "./lead.js";

const files = ["channel", "conversation", "subscription"].map((name) => `manyvox/v1/${name}.proto`);
const loaded = loadPackageDefinition(loadSync(files, { includeDirs: ["proto"], longs: String, enums: String, defaults: true, oneofs: true }));
const api = (loaded["manyvox"] as GrpcObject)["v1"] as any;

const retries = JSON.stringify({
  methodConfig: [{
    name: [{}],
    retryPolicy: { maxAttempts: 5, initialBackoff: "0.01s", maxBackoff: "0.1s", backoffMultiplier: 2, retryableStatusCodes: ["UNAVAILABLE"] },
  }],
});

interface Call {
  channels: any; conversations: any; subscriptions: any;
  metadata: Metadata;
  options: { deadline?: number };
}

async function act(c: Command, r: Result): Promise<void> {
  const options = {
    ...(c.retry && { "grpc.service_config": retries }),
    ...(c.keepalive_ms > 0 && { "grpc.keepalive_time_ms": c.keepalive_ms }),
    ...(c.gzip && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
    "grpc.use_local_subchannel_pool": 1,
  };
  const insecure = credentials.createInsecure();
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${c.token}`);
  const channels = new api.ChannelService(c.at, insecure, options);
  const channelOverride = channels.getChannel();
  const call: Call = {
    channels, metadata, options: c.timeout_ms > 0 ? { deadline: Date.now() + c.timeout_ms } : {},
    conversations: new api.ConversationService(c.at, insecure, { channelOverride }),
    subscriptions: new api.SubscriptionService(c.at, insecure, { channelOverride }),
  };
  try {
    await verbs[c.do](call, c, r);
  } finally {
    channels.close();
  }
}

function unary(client: any, method: string, request: object, { metadata, options }: Call): Promise<any> {
  return new Promise((resolve, reject) => {
    client[method](request, metadata, options, (err: ServiceError | null, res: unknown) => (err ? reject(err) : resolve(res)));
  });
}

const verbs = { health, receive, stream, many, list, watch, subscribe };

async function health(call: Call, _: Command, r: Result): Promise<void> {
  for (const { name } of (await unary(call.channels, "health", {}, call)).channels) {
    r.see("channel", name);
  }
}

async function receive(call: Call, c: Command, r: Result): Promise<void> {
  const request = { sender: c.sender, message: c.text, messageId: c.message_id, metadataJson: c.metadata_json };
  for (const { text, customJson } of (await unary(call.channels, "receive", request, call)).replies) {
    r.see("reply", text, customJson);
  }
}

async function stream({ channels, metadata, options }: Call, c: Command, r: Result): Promise<void> {
  const s = channels.receiveStream({ sender: c.sender, message: c.text, messageId: c.message_id }, metadata, options);
  for await (const e of s) {
    if (e.event === "started") {
      r.see("started", e.started.messageId);
    } else if (e.event === "delta") {
      r.see("delta", e.delta.text);
    } else if (e.event === "reply") {
      r.see("reply", e.reply.reply.text, e.reply.reply.customJson);
    }
    if (r.events.length === c.cancel_after) {
      s.cancel();
    }
  }
}

async function many(call: Call, c: Command, r: Result): Promise<void> {
  await health(call, c, new Result());
  const one = async (i: number): Promise<void> => {
    const own = new Result();
    await stream(call, { ...c, sender: `sender-${i}` }, own);
    r.count += own.events.at(-1)?.kind === "reply" ? 1 : 0;
  };
  await Promise.all(Array.from({ length: c.count }, (_, i) => one(i)));
}

async function list(call: Call, c: Command, r: Result): Promise<void> {
  let pageToken = "";
  do {
    const page = await unary(call.conversations, "listEvents", { channel: "rest", sender: c.sender, pageSize: c.page_size, pageToken }, call);
    r.count++;
    for (const { cursor } of page.events) {
      r.see("event", cursor);
    }
    pageToken = page.nextPageToken;
  } while (pageToken);
}

/** Takes events until there are enough. A stream that is cancelled emits an error. */
async function follow(s: ClientReadableStream<any>, c: Command, r: Result, see: (m: any) => void): Promise<void> {
  s.on("error", () => {}); // also thrown below, unless it is our own end
  for await (const m of s) {
    r.cursor = m.cursor;
    see(m);
    if (r.events.length === c.take) {
      s.cancel();
      return;
    }
  }
}

async function watch({ conversations, metadata }: Call, c: Command, r: Result): Promise<void> {
  const s = conversations.watchEvents({ channel: "rest", sender: c.sender, after: c.after }, metadata);
  await follow(s, c, r, (m) => m.event && r.see("event", m.event.cursor));
}

async function subscribe({ subscriptions, metadata }: Call, c: Command, r: Result): Promise<void> {
  const s = subscriptions.subscribe({ sender: c.sender, after: c.after }, metadata);
  await follow(s, c, r, (m) => m.said?.replies.forEach(({ text }: { text: string }) => r.see("said", text)));
}

function failure(err: unknown): Failure {
  const { code, metadata } = err as ServiceError;
  const f: Failure = { code: codeName(status[code] ?? `${String(err)}`), reason: "", field: "", retry_after: "" };
  const [packed] = metadata?.get("grpc-status-details-bin") ?? [];
  if (!packed) {
    return f;
  }
  for (const { typeUrl, value } of fromBinary(StatusSchema, packed as Buffer).details) {
    switch (typeUrl) {
      case "type.googleapis.com/google.rpc.ErrorInfo":
        f.reason = fromBinary(ErrorInfoSchema, value).reason;
        break;
      case "type.googleapis.com/google.rpc.BadRequest":
        f.field = fromBinary(BadRequestSchema, value).fieldViolations[0]?.field ?? "";
        break;
      case "type.googleapis.com/google.rpc.RetryInfo":
        f.retry_after = fromBinary(RetryInfoSchema, value).retryDelay?.seconds.toString() ?? "";
        break;
    }
  }
  return f;
}

await run(act, failure);
