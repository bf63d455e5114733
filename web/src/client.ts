import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { createClient, type Client as ServiceClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Breather } from "./breather.js";
import type { Asker } from "./conversation.js";
import { ChannelService, ReceiveStreamResponseSchema, type ReceiveStreamResponse } from "./gen/manyvox/v1/channel_pb.js";
import { SubscriptionService } from "./gen/manyvox/v1/subscription_pb.js";
import type { Heard, Teller } from "./listener.js";
import { formatOf, replyOf } from "./reply.js";
import type { Tokens } from "./token.js";
import { Trace } from "./trace.js";
import type { Turn, TurnEvent } from "./turn.js";
import type { Place } from "./upload.js";

/** Talks to the service the page came from. */
export class Client implements Asker, Teller {
  private readonly service: ServiceClient<typeof ChannelService>;
  private readonly subscriptions: ServiceClient<typeof SubscriptionService>;

  constructor(
    private readonly baseUrl: string,
    private readonly tokens: Tokens,
  ) {
    const transport = createConnectTransport({ baseUrl });
    this.service = createClient(ChannelService, transport);
    this.subscriptions = createClient(SubscriptionService, transport);
  }

  get online(): boolean {
    return navigator.onLine;
  }

  /** Returns the names of the channels that are open to this page. */
  async channels(): Promise<string[]> {
    const { channels } = await this.service.health({}, { timeoutMs: 10_000 });
    return channels.filter((c) => c.capabilities.includes("rpc")).map((c) => c.name);
  }

  /** Asks for the answer to a turn and gives it as it comes. What comes is noted in the trace. */
  async *ask(channel: string, sender: string, turn: Turn, trace: Trace, signal: AbortSignal): AsyncGenerator<TurnEvent> {
    const headers = this.headers(channel);
    const attachments = (turn.files ?? []).map((file) => ({ ...file, size: BigInt(file.size) }));
    const request = { channel, sender, message: turn.text, messageId: turn.id, attachments };
    const breather = new Breather();
    for await (const response of this.service.receiveStream(request, { headers, signal })) {
      trace.add(toJson(ReceiveStreamResponseSchema, response));
      const event = eventOf(response);
      if (event) {
        yield event;
      }
      await breather.breathe();
    }
  }

  /** Has the service end a turn, and reports whether it ran. */
  async stop(channel: string, sender: string, id: string): Promise<boolean> {
    const request = { channel, sender, messageId: id };
    const { stopped } = await this.service.stop(request, { headers: this.headers(channel), timeoutMs: 10_000 });
    return stopped;
  }

  /** Tells what is said to a sender, from a cursor on. */
  async *hear(channel: string, sender: string, after: string, signal: AbortSignal): AsyncGenerator<Heard> {
    const headers = this.headers(channel);
    for await (const { cursor, event } of this.subscriptions.subscribe({ channel, sender, after }, { headers, signal })) {
      if (event.case === "said") {
        const { messageId, time, replies } = event.value;
        const at = time ? timestampMs(time) : Date.now();
        yield { cursor, said: { id: messageId, at, replies: replies.map((reply) => replyOf("", reply)) } };
      } else {
        yield { cursor };
      }
    }
  }

  /** Returns where a file of a sender goes, for a message to a channel. */
  place(channel: string, sender: string): Place {
    const path = `webhooks/${encodeURIComponent(channel)}/media?sender=${encodeURIComponent(sender)}`;
    return { url: this.baseUrl + path, token: this.tokens.of(channel) };
  }

  private headers(channel: string): Record<string, string> {
    const token = this.tokens.of(channel);
    return token ? { Authorization: `Bearer ${token}` } : {};
  }
}

function eventOf({ event }: ReceiveStreamResponse): TurnEvent | undefined {
  switch (event.case) {
    case "delta":
      return { is: "delta", id: event.value.replyId, text: event.value.text, ...formatOf(event.value.format) };
    case "reply":
      return event.value.reply && { is: "reply", reply: replyOf(event.value.replyId, event.value.reply) };
    default:
      return undefined;
  }
}
