// The client of service/matrix_node_test.go: it reads one command per line of stdin,
// makes the calls with @connectrpc/connect-web, and writes one result per line.
import { createInterface } from "node:readline";
import { fromJson, toJson, type JsonValue } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type CallOptions, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import {
  ChannelService,
  ReceiveRequestSchema,
  ReceiveResponseSchema,
  ReceiveStreamRequestSchema,
  ReceiveStreamResponseSchema,
} from "./gen/manyvox/v1/channel_pb.js";

/** A call to make, or the cancellation of the call with that id. */
type Command = { id: number; cancel: true } | Call;

interface Call {
  id: number;
  cancel?: never;
  url: string;
  protocol: "connect-json" | "connect-proto" | "grpc-web";
  stream?: boolean;
  token?: string;
  timeoutMs?: number;
  request: JsonValue;
}

/** What became of a call. A stream gives one result per event; the last is done. */
interface Result {
  id: number;
  event?: JsonValue;
  response?: JsonValue;
  error?: { code: Code; message: string; retryAfter: string; partial?: JsonValue };
  done?: true;
}

const running = new Map<number, AbortController>();

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  if (command.cancel) {
    running.get(command.id)?.abort();
  } else {
    void run(command);
  }
}

async function run(call: Call): Promise<void> {
  const controller = new AbortController();
  running.set(call.id, controller);
  try {
    write({ id: call.id, ...(await (call.stream ? stream : receive)(call, options(call, controller.signal))), done: true });
  } catch (err) {
    write({ id: call.id, error: told(ConnectError.from(err)), done: true });
  } finally {
    running.delete(call.id);
  }
}

async function receive(call: Call, options: CallOptions): Promise<Partial<Result>> {
  const client = createClient(ChannelService, transport(call));
  const response = await client.receive(fromJson(ReceiveRequestSchema, call.request), options);
  return { response: toJson(ReceiveResponseSchema, response) };
}

async function stream(call: Call, options: CallOptions): Promise<Partial<Result>> {
  const client = createClient(ChannelService, transport(call));
  for await (const event of client.receiveStream(fromJson(ReceiveStreamRequestSchema, call.request), options)) {
    write({ id: call.id, event: toJson(ReceiveStreamResponseSchema, event) });
  }
  return {};
}

function transport({ url: baseUrl, protocol }: Call): Transport {
  return protocol === "grpc-web"
    ? createGrpcWebTransport({ baseUrl })
    : createConnectTransport({ baseUrl, useBinaryFormat: protocol === "connect-proto" });
}

function options({ token, timeoutMs }: Call, signal: AbortSignal): CallOptions {
  return {
    signal,
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function told(err: ConnectError): NonNullable<Result["error"]> {
  const [partial] = err.findDetails(ReceiveResponseSchema);
  return {
    code: err.code,
    message: err.rawMessage,
    retryAfter: err.metadata.get("Retry-After") ?? "",
    ...(partial !== undefined && { partial: toJson(ReceiveResponseSchema, partial) }),
  };
}

function write(result: Result): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
