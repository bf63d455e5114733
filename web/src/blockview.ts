import type { Block, Inline, Item } from "./block.js";
import { copier } from "./copier.js";
import { commandButton } from "./command.js";
import { el } from "./dom.js";
import { outward, pictureOf } from "./picture.js";

/** What the elements of a text need of the page. */
export interface Surroundings {
  /** Where relative addresses begin. */
  readonly base: string;
  send(text: string): void;
}

/** Makes elements of blocks. What they hold becomes text and attributes, never markup. */
export class BlockView {
  constructor(private readonly around: Surroundings) {}

  block(block: Block): HTMLElement {
    switch (block.is) {
      case "paragraph":
        return el("p", {}, ...this.inlines(block.of));
      case "text":
        return el("span", { class: "line" }, ...this.inlines(block.of));
      case "heading":
        // The headings of the page are its own.
        return el("p", { class: "heading", "data-level": String(block.level) }, ...this.inlines(block.of));
      case "quote":
        return el("blockquote", {}, ...block.of.map((b) => this.block(b)));
      case "code":
        return code(block.language, block.text);
      case "rule":
        return el("hr");
      case "table":
        return this.table(block);
      case "list": {
        const items = block.items.map((item) => this.item(item));
        const attributes = { class: block.continues && "continues" };
        return block.start === undefined ? el("ul", attributes, ...items) : el("ol", { ...attributes, start: String(block.start) }, ...items);
      }
    }
  }

  private item({ checked, of }: Item): Node {
    const box = checked !== undefined && el("input", { type: "checkbox", disabled: true, checked, "aria-label": checked ? "Done" : "To do" });
    return el("li", { class: box ? "task" : undefined }, box, ...of.map((b) => this.block(b)));
  }

  private table({ align, head, rows }: Extract<Block, { is: "table" }>): HTMLElement {
    const row = (tag: "th" | "td", cells: Inline[][]) =>
      el("tr", {}, ...cells.map((cell, i) => withWidth(el(tag, { "data-align": align[i] ?? undefined }, ...this.inlines(cell)))));
    const table = el("table", {}, el("thead", {}, row("th", head)), el("tbody", {}, ...rows.map((cells) => row("td", cells))));
    return el("div", { class: "table", tabindex: "0", role: "group", "aria-label": "Table" }, table);
  }

  private inlines(of: Inline[]): (Node | string)[] {
    return of.map((inline) => this.inline(inline));
  }

  private inline(inline: Inline): Node | string {
    if (typeof inline === "string") {
      return inline;
    }
    switch (inline.is) {
      case "code":
        return el("code", {}, inline.text);
      case "command":
        return commandButton(inline.text, this.around.send);
      case "link":
        return outward(inline.href, { ...(inline.title && { title: inline.title }) }, ...this.inlines(inline.of));
      case "image":
        return pictureOf(inline.src, inline.alt, this.around.base) ?? inline.alt;
      default:
        return el(inline.is, {}, ...this.inlines(inline.of));
    }
  }
}

/** Gives a cell with many words room, since the table scrolls. */
function withWidth(cell: HTMLElement): HTMLElement {
  if ((cell.textContent?.length ?? 0) > 24) {
    cell.classList.add("wordy");
  }
  return cell;
}

/** Shows code, which scrolls. The button copies what is there when it is pressed. */
function code(language: string, text: string): HTMLElement {
  const body = el("code", {}, ...stretches(text));
  const copied = () => [...body.childNodes].map((part) => part.textContent).join("\n");
  return el(
    "div",
    { class: "code" },
    el("div", { class: "code-head" }, el("span", { class: "language" }, language || "code"), copier("Copy code", copied)),
    el("pre", { tabindex: "0", role: "group", "aria-label": language ? `Code, ${language}` : "Code" }, body),
  );
}

/** How many lines of code are laid out as one, or not at all while they are out of view. */
const stretch = 250;

function stretches(code: string): (Node | string)[] {
  const lines = code.split("\n");
  if (lines.length <= stretch) {
    return [code];
  }
  const parts = Array.from({ length: Math.ceil(lines.length / stretch) }, (_, i) => lines.slice(i * stretch, (i + 1) * stretch));
  return parts.map((part) => el("span", { class: "stretch-of-code" }, part.join("\n")));
}
