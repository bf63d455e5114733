import type { JsonValue } from "@bufbuild/protobuf";
import { attachmentOf } from "./attachment.js";
import { button, el } from "./dom.js";
import { icon } from "./icon.js";
import { indent } from "./json.js";
import { Prose } from "./prose.js";
import type { Button, Card, Reply } from "./reply.js";
import { imageUrl, linkUrl } from "./url.js";

/** What a user can do with a reply. */
export interface Actions {
  /** Where relative addresses begin. */
  readonly base: string;
  send(text: string, label?: string): void;
}

/** Shows one reply. */
export class ReplyView {
  readonly element: HTMLElement;
  private readonly prose: Prose | undefined;

  constructor(
    private reply: Reply,
    private readonly card: Card | undefined,
    private readonly actions: Actions,
  ) {
    this.prose = card || !isText(reply) ? undefined : new Prose((text) => actions.send(text));
    this.prose?.show(reply.text);
    const partial = reply.partial === true;
    // A text in progress is quiet. Once complete it is a new element, which the log tells.
    this.element = el(
      "div",
      { class: card ? "card" : "message reply", "aria-live": partial && "off", "aria-busy": partial && "true", "data-partial": partial },
      el("span", { class: "visually-hidden" }, "Assistant: "),
      ...this.content(),
    );
  }

  /** Takes over a change, or reports that it takes a new view. */
  update(reply: Reply, card: Card | undefined): boolean {
    if (reply === this.reply || (!reply.partial && JSON.stringify([reply, card]) === JSON.stringify([this.reply, this.card]))) {
      return true;
    }
    if (!this.prose || !this.reply.partial || !reply.partial) {
      return false;
    }
    this.reply = reply;
    this.prose.show(reply.text);
    return true;
  }

  private content(): Node[] {
    const { image, attachment, custom, buttons } = this.reply;
    const parts: Node[] = [];
    if (this.card) {
      parts.push(el("p", { class: "card-title" }, this.card.title), el("p", { class: "card-subtitle" }, this.card.subtitle));
    } else if (this.prose && (this.reply.text || !buttons)) {
      parts.push(el("div", { class: "bubble" }, this.prose.element));
    }
    if (image) {
      parts.push(imageShown(image, "Image from the assistant", this.actions.base));
    }
    if (attachment !== undefined) {
      parts.push(attachmentShown(attachment, this.actions.base));
    }
    if (custom !== undefined) {
      parts.push(folded("Custom data", custom));
    }
    if (buttons) {
      parts.push(el("div", { class: "choices" }, ...buttons.map((b) => this.choice(b))));
    }
    return parts;
  }

  private choice({ title, payload, url }: Button): Node {
    const href = url && linkUrl(url);
    if (href) {
      return el("a", { class: "choice", href, target: "_blank", rel: "noopener noreferrer" }, title, icon("open"));
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
  const src = imageUrl(address, base);
  if (!src) {
    return folded("Image that cannot be shown", JSON.stringify(address));
  }
  const img = el("img", { src, alt, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  const frame = el("div", { class: "picture" }, src.startsWith("data:") ? img : outward(src, img));
  img.addEventListener("error", () => frame.replaceChildren(el("p", { class: "quiet" }, "The image could not be loaded.")));
  return frame;
}

function attachmentShown(value: JsonValue, base: string): Node {
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
        icon("file"),
        el("span", { class: "file-name" }, attachment.name),
        el("span", { class: "file-host" }, new URL(attachment.url).host),
      );
    default:
      return folded("Attachment", JSON.stringify(value));
  }
}

function outward(href: string, ...children: Node[]): HTMLElement {
  return el("a", { class: "outward", href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

function folded(title: string, json: string): HTMLElement {
  const laidOut = indent(json);
  return el(
    "details",
    { class: "folded" },
    el("summary", {}, title, " ", el("code", { class: "glimpse" }, json.slice(0, 120))),
    el("pre", { tabindex: "0", role: "region", "aria-label": title }, laidOut),
  );
}
