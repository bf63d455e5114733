import type { JsonValue } from "@bufbuild/protobuf";
import type { Format } from "./block.js";
import type { Reply as WireReply } from "./gen/manyvox/v1/channel_pb.js";

/** A choice under a text. */
export interface Button {
  title: string;
  /** What is sent when it is chosen. */
  payload: string;
  /** Where it leads instead, when the assistant gave it an address. */
  url?: string;
}

/** A reply as the page keeps and shows it. */
export interface Reply {
  /** Unique within the turn. */
  id: string;
  text: string;
  /** How the text is written. */
  format?: Format;
  image?: string;
  buttons?: Button[];
  /** JSON text; an older page kept the value itself. */
  attachment?: JsonValue;
  /** JSON text, value for value. */
  custom?: string;
  /** More of the text is to come. */
  partial?: true;
}

/** A title and a line below it. */
export interface Card {
  title: string;
  subtitle: string;
}

export function replyOf(id: string, wire: WireReply): Reply {
  const reply: Reply = { id, text: wire.text ?? "", ...formatOf(wire.format) };
  if (wire.image) {
    reply.image = wire.image;
  }
  if (wire.buttons.length > 0) {
    reply.buttons = wire.buttons.map(({ title, payload, extra }) => {
      const url = extra?.["url"];
      return { title, payload: payload || title, ...(typeof url === "string" && !payload && { url }) };
    });
  }
  if (wire.attachmentJson) {
    reply.attachment = wire.attachmentJson;
  }
  if (wire.customJson) {
    reply.custom = wire.customJson;
  }
  if (wire.tooLarge) {
    const megabytes = (Number(wire.tooLarge.size) / 2 ** 20).toFixed(1);
    reply.text = `(Too large to be shown here: ${megabytes} MB.)`;
  }
  return reply;
}

/** Returns the format that is to be kept: a format of tomorrow is shown as it is. */
export function formatOf(format: string): { format?: Format } {
  return format === "markdown" ? { format } : {};
}

/**
 * Finds the cards among the replies of a turn. Like Rasa's REST channel, the service
 * sends a card as the text "title : subtitle" with its buttons; one without buttons is
 * told from a plain text by standing next to another card.
 */
export function cardsOf(replies: readonly Reply[]): (Card | undefined)[] {
  const cards = replies.map((reply) => cardOf(reply));
  const sure = replies.map((reply, i) => cards[i] !== undefined && reply.buttons !== undefined);
  for (let i = 1; i < replies.length; i++) {
    sure[i] ||= cards[i] !== undefined && sure[i - 1] === true;
  }
  for (let i = replies.length - 2; i >= 0; i--) {
    sure[i] ||= cards[i] !== undefined && sure[i + 1] === true;
  }
  return cards.map((card, i) => (sure[i] ? card : undefined));
}

function cardOf({ text, partial, format }: Reply): Card | undefined {
  const [, title, subtitle] = /^(\S[^\n]*?) : ([^\n]*)$/.exec(text) ?? [];
  return title === undefined || subtitle === undefined || partial || format ? undefined : { title, subtitle };
}
