import { toJson } from "@bufbuild/protobuf";
import { createClient, type Client as ServiceClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { Breather } from "./breather.js";
import type { Asker } from "./conversation.js";
import { ChannelService, ReceiveStreamResponseSchema, type ReceiveStreamResponse } from "./gen/manyvox/v1/channel_pb.js";
import { replyOf } from "./reply.js";
import type { Tokens } from "./token.js";
import { Trace } from "./trace.js";
import type { Turn, TurnEvent } from "./turn.js";

/** Talks to the service the page came from. */
export class Client implements Asker {
  private readonly service: ServiceClient<typeof ChannelService>;

  constructor(
    baseUrl: string,
    private readonly tokens: Tokens,
  ) {
    this.service = createClient(ChannelService, createConnectTransport({ baseUrl }));
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
    const token = this.tokens.of(channel);
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const request = { channel, sender, message: turn.text, messageId: turn.id };
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
}

function eventOf({ event }: ReceiveStreamResponse): TurnEvent | undefined {
  switch (event.case) {
    case "delta":
      return { is: "delta", id: event.value.replyId, text: event.value.text };
    case "reply":
      return event.value.reply && { is: "reply", reply: replyOf(event.value.replyId, event.value.reply) };
    default:
      return undefined;
  }
}
