import { button, el } from "./dom.js";
import type { Inline } from "./inline.js";
import { blocks, type Block } from "./markdown.js";

/** Shows a text, with the Markdown that is understood as elements, and lets it grow. */
export class Prose {
  readonly element = el("div", { class: "prose", dir: "auto" });
  private sources: string[] = [];

  /** The command a line begins with can be sent by a press, as in Telegram. */
  constructor(private readonly send: (text: string) => void) {}

  /** Makes the whole text appear; blocks that have not changed stay. */
  show(text: string): void {
    const read = blocks(text);
    let same = 0;
    while (same < read.length && read[same]?.source === this.sources[same]) {
      same++;
    }
    while (this.element.childNodes.length > same) {
      this.element.lastChild?.remove();
    }
    this.element.append(...read.slice(same).map((b) => this.block(b)));
    this.sources = read.map((b) => b.source);
  }

  private block(block: Block): Node {
    switch (block.is) {
      case "paragraph":
        return el("p", {}, ...block.of.map((i) => this.inline(i)));
      case "heading":
        // The headings of the page are its own.
        return el("p", { class: "heading" }, ...block.of.map((i) => this.inline(i)));
      case "quote":
        return el("blockquote", {}, ...block.of.map((b) => this.block(b)));
      case "code":
        return el("pre", { tabindex: "0", "aria-label": "Code", role: "region" }, el("code", {}, block.text));
      case "rule":
        return el("hr");
      case "list": {
        const items = block.items.map((item) => el("li", {}, ...item.map((i) => this.inline(i))));
        return block.start === undefined ? el("ul", {}, ...items) : el("ol", { start: String(block.start) }, ...items);
      }
    }
  }

  private inline(inline: Inline): Node | string {
    if (typeof inline === "string") {
      return inline;
    }
    switch (inline.is) {
      case "break":
        return el("br");
      case "code":
        return el("code", {}, inline.text);
      case "command":
        return button({ class: "command" }, () => this.send(inline.text), inline.text);
      case "link":
        return el("a", { href: inline.href, target: "_blank", rel: "noopener noreferrer" }, ...inline.of.map((i) => this.inline(i)));
      default:
        return el(inline.is, {}, ...inline.of.map((i) => this.inline(i)));
    }
  }
}
