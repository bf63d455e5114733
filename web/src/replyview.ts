import type { JsonValue } from "@bufbuild/protobuf";
import { attachmentOf } from "./attachment.js";
import { button, el, setAttributes } from "./dom.js";
import { icon } from "./icon.js";
import { jsonView } from "./jsonview.js";
import { outward, pictureOf } from "./picture.js";
import { Prose } from "./prose.js";
import type { Button, Card, Reply } from "./reply.js";
import { linkUrl } from "./url.js";

/** What a user can do with a reply. */
export interface Actions {
  /** Where relative addresses begin. */
  readonly base: string;
  send(text: string, label?: string): void;
}

const speaker = "Assistant: ";

/** Shows one reply. */
export class ReplyView {
  readonly element: HTMLElement;
  private readonly said = el("span", { class: "visually-hidden" }, speaker);
  private readonly prose: Prose | undefined;

  constructor(
    private reply: Reply,
    private readonly card: Card | undefined,
    private readonly actions: Actions,
  ) {
    this.prose = card || !isText(reply) ? undefined : new Prose({ base: actions.base, send: (text) => actions.send(text) });
    this.element = el("div", { class: card ? "card" : "message reply" }, this.said, ...this.content());
    this.showText();
  }

  /** Takes over a change, or reports that it takes a new view. */
  update(reply: Reply, card: Card | undefined): boolean {
    if (reply === this.reply || (!reply.partial && JSON.stringify([reply, card]) === JSON.stringify([this.reply, this.card]))) {
      return true;
    }
    if (!this.prose || !this.reply.partial || card || !isText(reply)) {
      return false;
    }
    this.reply = reply;
    this.showText();
    if (!reply.partial) {
      this.element.append(...this.below());
      this.tell();
    }
    return true;
  }

  private showText(): void {
    const { text, format = "", partial = false } = this.reply;
    // A text in progress is quiet.
    setAttributes(this.element, { "aria-live": partial && "off", "aria-busy": partial && "true", "data-partial": partial });
    this.prose?.show(text, format, partial);
  }

  /** Has the log tell the whole text now that it is complete: for this once, a part that changes counts for all. */
  private tell(): void {
    this.element.setAttribute("aria-atomic", "true");
    requestAnimationFrame(() => {
      this.said.replaceChildren(speaker);
      setTimeout(() => this.element.removeAttribute("aria-atomic"), 1000);
    });
  }

  private content(): Node[] {
    const parts = this.below();
    if (this.card) {
      parts.unshift(el("p", { class: "card-title" }, this.card.title), el("p", { class: "card-subtitle" }, this.card.subtitle));
    } else if (this.prose && (this.reply.text || !this.reply.buttons)) {
      parts.unshift(el("div", { class: "bubble" }, this.prose.element));
    }
    return parts;
  }

  /** Returns what stands below the text. */
  private below(): Node[] {
    const { image, attachment, custom, buttons } = this.reply;
    const parts: Node[] = [];
    if (image) {
      parts.push(imageShown(image, "Image from the assistant", this.actions.base));
    }
    if (attachment !== undefined) {
      parts.push(attachmentShown(attachment, this.actions.base));
    }
    if (custom !== undefined) {
      parts.push(jsonView("Custom data", custom));
    }
    if (buttons) {
      parts.push(el("div", { class: "choices" }, ...buttons.map((b) => this.choice(b))));
    }
    return parts;
  }

  private choice({ title, payload, url }: Button): Node {
    const href = url && linkUrl(url);
    if (href) {
      return outward(href, { class: "choice" }, title, icon("open"));
    }
    const made = button({ class: "choice" }, () => {
      made.classList.add("chosen");
      this.actions.send(payload, title);
    }, title);
    return made;
  }
}

function isText({ text, image, attachment, custom }: Reply): boolean {
  return text !== "" || (image === undefined && attachment === undefined && custom === undefined);
}

function imageShown(address: string, alt: string, base: string): Node {
  return pictureOf(address, alt, base) ?? jsonView("Image that cannot be shown", JSON.stringify(address));
}

function attachmentShown(kept: JsonValue, base: string): Node {
  const [value, json] = valueOf(kept);
  const attachment = attachmentOf(value, base);
  switch (attachment?.is) {
    case "image":
      return imageShown(attachment.url, attachment.name, base);
    case "audio":
    case "video":
      return el(attachment.is, { src: attachment.url, controls: true, preload: "none", "aria-label": attachment.name });
    case "file":
      return outward(
        attachment.url,
        { class: "outward" },
        icon("file"),
        el("span", { class: "file-name" }, attachment.name),
        el("span", { class: "file-host" }, new URL(attachment.url).host),
      );
    default:
      return jsonView("Attachment", json);
  }
}

/** Returns an attachment as a value and as JSON. What is nested deep can be read, and not be written again. */
function valueOf(kept: JsonValue): [JsonValue, string] {
  try {
    if (typeof kept === "string") {
      return [JSON.parse(kept) as JsonValue, kept];
    }
  } catch {
    // an address that an older page kept
  }
  return [kept, JSON.stringify(kept)];
}
