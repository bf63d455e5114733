// A client of Manyvox for browsers and Node.js. It makes the id of a message and repeats the call
// with it, so that a message is answered once, whatever breaks on the way.
import { create, fromBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { DurationSchema, durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type CallOptions, type Client as Service, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import * as pb from "./gen/manyvox/v1/channel_pb.js";
import { SubscribeRequestSchema, SubscriptionService, type SubscribeResponse } from "./gen/manyvox/v1/subscription_pb.js";

export { Code };
export * from "./gen/manyvox/v1/channel_pb.js";
export * from "./gen/manyvox/v1/conversation_pb.js";
export * from "./gen/manyvox/v1/subscription_pb.js";

/** Why a call failed. Newer versions may add some. It is empty where Manyvox was not heard. */
export type Reason =
  | "INVALID_ARGUMENT" | "UNAUTHENTICATED" | "PERMISSION_DENIED" | "NOT_FOUND" | "CHANNEL_NOT_FOUND"
  | "FAILED_PRECONDITION" | "CHANNEL_NOT_OPEN" | "ADDRESS_UNKNOWN" | "CONFIGURATION_INVALID" | "LOOP"
  | "MESSAGE_ID_REUSED" | "TURN_ABORTED" | "PROGRAM_ENDED" | "REPLIES_NOT_KEPT" | "CURSOR_EXPIRED" | "CURSOR_UNKNOWN"
  | "REQUEST_TOO_LARGE" | "REPLIES_TOO_LARGE" | "RATE_LIMITED" | "OVERLOADED" | "AGENT_OVERLOADED"
  | "UNAVAILABLE" | "DRAINING" | "AGENT_UNREACHABLE" | "JOURNAL_UNAVAILABLE" | "DEADLINE_EXCEEDED"
  | "CANCELED" | "STOPPED" | "AGENT_FAILED" | "INTERNAL" | "" | (string & {});

/** A call that failed for good: repeating it would not help, or was tried often enough. */
export class ManyvoxError extends Error {
  override readonly name = "ManyvoxError";
  readonly code: Code;
  readonly reason: Reason;
  /** How long Manyvox asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** What the assistant had said before receive failed. receiveStream has given it already. */
  readonly replies: pb.Reply[];

  /** messageId is the id that the message had in every attempt. */
  constructor(cause: ConnectError, readonly messageId: string) {
    super(cause.message, { cause });
    this.code = cause.code;
    this.reason = new TextDecoder().decode(detail(cause, "google.rpc.ErrorInfo"));
    const delay = detail(cause, "google.rpc.RetryInfo");
    this.retryAfter = delay && durationMs(fromBinary(DurationSchema, delay));
    this.replies = cause.findDetails(pb.ReceiveResponseSchema)[0]?.replies ?? [];
  }
}

/** Returns the first field of an error's detail, which tells all we need of it. */
function detail(err: ConnectError, type: string): Uint8Array | undefined {
  for (const d of err.details) {
    if ("type" in d && d.type === type) {
      const reader = new BinaryReader(d.value);
      return reader.len > 0 && reader.tag()[0] === 1 ? reader.bytes() : undefined;
    }
  }
}

/** What a Client needs to know. */
export interface ClientOptions {
  /** Where Manyvox is, such as "https://bot.example.com". */
  baseUrl: string;
  /** The channel's token, if it has one. */
  token?: string | undefined;
  /** How often a call may fail in a row with nothing new in between. 5 by default. */
  attempts?: number | undefined;
  /** In place of Connect by fetch, such as gRPC by connect-node. */
  transport?: Transport | undefined;
}

/** The signal ends a call with its repeats and pauses: the call throws the signal's reason. */
export type Options = { signal?: AbortSignal | undefined };
/** A piece of a text, or a complete reply. */
export type StreamEvent = Extract<pb.ReceiveStreamResponse["event"], { case: "delta" | "reply" }>;
/** Something that was said, or a gap. Give its cursor as after, to go on behind it. */
export type SubscriptionEvent = Exclude<SubscribeResponse["event"], { case: undefined }> & { cursor: string };
type Init<Desc extends DescMessage> = MessageInitShape<Desc>;
type Opener<T> = (options: CallOptions) => AsyncIterable<T | undefined>;

/** Talks to Manyvox. */
export class Client {
  /** For what the Client does not cover: createClient(ConversationService, client.transport). */
  readonly transport: Transport;
  private readonly channel: Service<typeof pb.ChannelService>;
  private readonly subscription: Service<typeof SubscriptionService>;

  constructor(private readonly options: ClientOptions) {
    this.transport = options.transport ?? createConnectTransport({ baseUrl: options.baseUrl });
    this.channel = createClient(pb.ChannelService, this.transport);
    this.subscription = createClient(SubscriptionService, this.transport);
  }

  /** Sends a message and returns all replies, once the assistant is done. */
  receive(request: Init<typeof pb.ReceiveRequestSchema>, options: Options = {}): Promise<pb.ReceiveResponse> {
    const message = create(pb.ReceiveRequestSchema, { ...request, messageId: request.messageId || newMessageId() });
    return this.unary(message.messageId, options, (call) => this.channel.receive(message, call));
  }

  /** Ends the turn of a message that was sent with a messageId. */
  stop(request: Init<typeof pb.StopRequestSchema>, options: Options = {}): Promise<pb.StopResponse> {
    return this.unary(request.messageId ?? "", options, (call) => this.channel.stop(request, call));
  }

  /** Sends a message and gives the replies as they are written. A stream that is cut is joined again. */
  receiveStream(request: Init<typeof pb.ReceiveStreamRequestSchema>, options: Options = {}): AsyncGenerator<StreamEvent> {
    const message = create(pb.ReceiveStreamRequestSchema, { ...request, messageId: request.messageId || newMessageId() });
    const { channel } = this;
    const given = new Map<string, number>(); // how much of each text by its reply id, and how many replies
    return this.stream(message.messageId, options, async function* (call) {
      const seen = new Map<string, number>(); // a repeat begins with what was given
      /** Counts what this attempt has seen, and returns how much of it no other has. */
      const fresh = (key: string, size: number): number => {
        const [before, count] = [given.get(key) ?? 0, (seen.get(key) ?? 0) + size];
        seen.set(key, count);
        given.set(key, Math.max(before, count));
        return Math.max(0, Math.min(size, count - before));
      };
      for await (const { event } of channel.receiveStream(message, call)) {
        if (event.case === "reply" && fresh("", 1) > 0) {
          yield event;
        } else if (event.case === "delta" && seen.get("") === given.get("")) {
          const text = event.value.text.slice(event.value.text.length - fresh(event.value.replyId, event.value.text.length));
          if (text) yield { case: "delta", value: { ...event.value, text } };
        }
      }
    });
  }

  /** Gives what is said to a sender outside its calls, each once, until the signal ends it. */
  subscribe(request: Init<typeof SubscribeRequestSchema>, options: Options = {}): AsyncGenerator<SubscriptionEvent> {
    const from = create(SubscribeRequestSchema, request);
    const { subscription } = this;
    return this.stream("", options, async function* (call) {
      for await (const { cursor, event } of subscription.subscribe(from, call)) {
        from.after = cursor;
        yield event.case && { ...event, cursor };
      }
      throw new ConnectError("the subscription ended", Code.Unavailable);
    });
  }

  private async unary<T>(id: string, options: Options, call: (options: CallOptions) => Promise<T>): Promise<T> {
    const { value } = await this.stream(id, options, async function* (callOptions) {
      yield await call(callOptions);
    }).next();
    return value as T; // the stream gives one, or throws
  }

  /** Gives what open gives, and opens again what breaks off. An undefined is but a sign of life. */
  private async *stream<T>(id: string, { signal }: Options, open: Opener<T>): AsyncGenerator<T> {
    for (let failures = 0; ; ) {
      const left = new AbortController(); // ends the request when the caller goes
      try {
        for await (const event of open(this.callOptions(AbortSignal.any([left.signal, ...(signal ? [signal] : [])])))) {
          failures = 0;
          if (event !== undefined) yield event;
        }
        return;
      } catch (reason) {
        await this.pause(reason, ++failures, id, signal);
      } finally {
        left.abort();
      }
    }
  }

  private callOptions(signal?: AbortSignal): CallOptions {
    const { token } = this.options;
    return { ...(token && { headers: { Authorization: `Bearer ${token}` } }), ...(signal && { signal }) };
  }

  /** Waits before the next attempt, or throws when there is to be none. */
  private async pause(reason: unknown, failures: number, id: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const err = new ManyvoxError(ConnectError.from(reason), id);
    if (!mayRepeat(err) || failures >= (this.options.attempts ?? 5)) throw err;
    const backoff = Math.min(10_000, 250 * 2 ** failures) * (0.5 + Math.random() / 2);
    await new Promise<void>((resolve) => {
      const over = () => (clearTimeout(timer), signal?.removeEventListener("abort", over), resolve());
      const timer = setTimeout(over, (err.retryAfter ?? 0) + backoff);
      signal?.addEventListener("abort", over);
    });
    signal?.throwIfAborted();
  }
}

/** Says what the table "Errors" of docs/api.md says. Without a reason the error is the network's. */
function mayRepeat({ code, reason, retryAfter }: ManyvoxError): boolean {
  if (code === Code.ResourceExhausted) return retryAfter !== undefined;
  if (code === Code.Unavailable || code === Code.DeadlineExceeded || reason === "PROGRAM_ENDED") return true;
  return reason === "" && [Code.Unknown, Code.Internal, Code.DataLoss, Code.Canceled].includes(code);
}

/** Returns 128 random bits in hex. crypto.randomUUID would ask for HTTPS. */
function newMessageId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
