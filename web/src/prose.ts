import type { Block, Format, Piece } from "./block.js";
import type { Surroundings } from "./blockview.js";
import { commandButton } from "./command.js";
import { el } from "./dom.js";
import { library } from "./library.js";
import type { MarkdownProse } from "./markdownprose.js";
import { mayBeMarkdown, plain } from "./plain.js";
import { Spell } from "./spell.js";

/** With more blocks, those out of view are not laid out. */
const many = 20;

/** A text to be shown. */
export interface Wanted {
  text: string;
  format: Format;
  /** More of it is to come. */
  partial: boolean;
}

/** A block that is shown, and the piece as JSON that it was made of. */
export interface Shown {
  json: string;
  length: number;
  element: ChildNode;
}

/**
 * Shows a text and lets it grow. The first that may have Markdown has the page load what
 * shows that, and is plain until then.
 */
export class Prose {
  readonly element = el("div", { class: "prose", dir: "auto" });
  private readonly shown: Shown[] = [];
  private wanted: Wanted | undefined;
  private markdown: MarkdownProse | undefined;

  constructor(private readonly around: Surroundings) {}

  /** Makes the whole text appear, in a while if it is long or has Markdown. */
  show(text: string, format: Format, partial: boolean): void {
    this.wanted = { text: text.replace(/\r\n?/g, "\n"), format, partial };
    const needed = !this.markdown && mayBeMarkdown(text, format);
    if (needed && library.rich) {
      this.markdown = new library.rich.MarkdownProse(this.element, this.shown, this.around);
    }
    void this.draw(this.wanted);
    if (needed && !this.markdown) {
      this.element.setAttribute("aria-busy", "true");
      void this.load();
    }
  }

  private async load(): Promise<void> {
    const rich = await library.load();
    if (rich && !this.markdown) {
      this.markdown = new rich.MarkdownProse(this.element, this.shown, this.around);
    }
    this.element.removeAttribute("aria-busy");
    if (rich && this.wanted) {
      void this.draw(this.wanted);
    }
  }

  private async draw(wanted: Wanted): Promise<void> {
    if (this.markdown) {
      return this.markdown.show(wanted);
    }
    const spell = new Spell();
    const pieces = plain(wanted.text);
    this.element.classList.toggle("many", pieces.length > many);
    for (const [i, piece] of pieces.entries()) {
      const made = this.put(i, piece);
      if (made && spell.count(made)) {
        await spell.next();
        if (this.markdown || this.wanted !== wanted) {
          return; // there is more to be shown by now
        }
      }
    }
    this.shown.splice(pieces.length).forEach(({ element }) => element.remove());
  }

  /** Shows a piece at its place, and returns the element that was made for it, if it has changed. */
  private put(i: number, { block, length }: Piece): Element | undefined {
    const json = JSON.stringify({ length, block });
    const old = this.shown[i];
    if (old?.json === json) {
      return undefined;
    }
    const element = this.paragraph(block);
    this.shown[i] = { json, length, element };
    if (old) {
      old.element.replaceWith(element);
    } else {
      this.element.append(element);
    }
    return element;
  }

  /** A plain text is paragraphs of strings and commands. */
  private paragraph(block: Block): HTMLElement {
    const of = "of" in block ? block.of : [];
    return el("p", {}, ...of.map((i) => (typeof i === "string" ? i : "text" in i && commandButton(i.text, this.around.send))));
  }
}
