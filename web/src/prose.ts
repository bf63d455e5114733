import type { Block, Format, Piece } from "./block.js";
import type { BlockView, Surroundings } from "./blockview.js";
import { commandButton } from "./command.js";
import { el } from "./dom.js";
import { library } from "./library.js";
import { morph } from "./morph.js";
import { mayBeMarkdown, plain } from "./plain.js";
import { Spell } from "./spell.js";

/** A longer text stays plain, in characters. */
const longest = 256 << 10;

/** How many of the last blocks of a growing text are read again: what follows may change them. */
const unsettled = 2;

/** With more blocks, those out of view are not laid out. */
const many = 20;

/** How long a text may be read before it is shown plain, in milliseconds. */
const unseen = 100;

/** What a text that grows may end in before one can tell what it begins. */
const marks = /\n[ \t]*[-+*=#>|~`\d.)]+[ \t]*$/;

/** A text to be shown. */
interface Wanted {
  text: string;
  format: Format;
  /** More of it is to come. */
  partial: boolean;
}

/** A block that is shown, and the piece as JSON that it was made of. */
interface Shown {
  json: string;
  length: number;
  element: ChildNode;
}

/** Shows a text, with the Markdown in it as elements, and lets it grow. */
export class Prose {
  readonly element = el("div", { class: "prose", dir: "auto" });
  private view: BlockView | undefined;
  private shown: Shown[] = [];
  private wanted: Wanted | undefined;
  private running = false;
  private changed = () => {};
  /** The text of which the shown blocks were read; undefined while they are plain. */
  private read: string | undefined;
  /** The text has taken too long to be read. */
  private hostile = false;

  constructor(private readonly around: Surroundings) {}

  /**
   * Makes the whole text appear, in a while if it is long or has Markdown; until that is
   * read it is plain. Blocks that have not changed keep their elements.
   */
  show(text: string, format: Format, partial: boolean): void {
    this.wanted = { text: text.replace(/\r\n?/g, "\n"), format, partial };
    this.changed();
    if (!this.running) {
      void this.run();
    }
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.wanted) {
      const wanted = this.wanted;
      this.wanted = undefined;
      const began = performance.now();
      await (this.isPlain(wanted) ? this.showPlain(wanted) : this.showRead(wanted));
      if (wanted.partial) {
        // The longer it took, the longer is the pause.
        await new Promise((resolve) => setTimeout(resolve, performance.now() - began));
      }
    }
    this.running = false;
  }

  private isPlain({ text, format }: Wanted): boolean {
    return this.hostile || text.length > longest || !mayBeMarkdown(text, format);
  }

  private async showPlain({ text }: Wanted): Promise<void> {
    this.read = undefined;
    await this.drawPlain(text);
    this.element.removeAttribute("aria-busy");
  }

  private drawPlain(text: string): Promise<void> {
    return this.draw(plain(text).map((piece) => JSON.stringify(piece)), 0);
  }

  private async showRead(wanted: Wanted): Promise<void> {
    this.element.setAttribute("aria-busy", "true");
    if (!library.ready) {
      if (this.read === undefined) {
        await this.drawPlain(wanted.text);
      }
      if (!(await this.loaded())) {
        return this.wanted ? undefined : this.showPlain(wanted);
      }
    }
    const { text, format, partial } = wanted;
    const begun = partial ? text.replace(marks, "") : text;
    const kept = partial ? this.settled(begun) : 0;
    const at = this.shown.slice(0, kept).reduce((sum, { length }) => sum + length, 0);
    const reading = library.reader.read({ text: begun.slice(at), format });
    if (this.shown.length === 0 && !(await soon(reading))) {
      await this.drawPlain(text);
    }
    const made = await reading;
    if (!this.element.isConnected) {
      return;
    }
    if (!made) {
      this.hostile = true;
      return this.showPlain(wanted);
    }
    this.read = begun;
    await this.draw(made, kept);
    this.element.removeAttribute("aria-busy");
  }

  /** Waits until Markdown can be read, but no longer than the text stays the same. */
  private async loaded(): Promise<boolean> {
    await Promise.race([library.load(), new Promise<void>((resolve) => (this.changed = resolve))]);
    return library.ready;
  }

  /** Returns how many blocks of a text that has grown stay as they are. */
  private settled(text: string): number {
    const kept = this.shown.slice(0, -unsettled);
    const length = kept.reduce((sum, s) => sum + s.length, 0);
    const same = this.read !== undefined && text.startsWith(this.read.slice(0, length));
    return same && kept.every((s) => s.length > 0) ? kept.length : 0;
  }

  /** Shows these pieces behind those that stay. */
  private async draw(made: string[], kept: number): Promise<void> {
    const spell = new Spell();
    this.element.classList.toggle("many", kept + made.length > many);
    for (const [i, json] of made.entries()) {
      if (this.put(kept + i, json) && spell.count()) {
        await spell.next();
      }
    }
    this.shown.splice(kept + made.length).forEach(({ element }) => element.remove());
  }

  /** Shows a piece at its place, and reports whether that took an element. */
  private put(i: number, json: string): boolean {
    const old = this.shown[i];
    if (old?.json === json) {
      return false;
    }
    const { block, length } = JSON.parse(json) as Piece;
    const fresh = this.elementOf(block);
    const element = old ? morph(old.element, fresh) : fresh;
    if (!old) {
      this.element.append(element);
    }
    this.shown[i] = { json, length, element };
    return true;
  }

  private elementOf(block: Block): HTMLElement {
    const { rich } = library;
    if (rich) {
      this.view ??= new rich.BlockView(this.around);
      return this.view.block(block);
    }
    // A plain text is paragraphs of strings and commands.
    const of = "of" in block ? block.of : [];
    return el("p", {}, ...of.map((i) => (typeof i === "string" ? i : "text" in i && commandButton(i.text, this.around.send))));
  }
}

/** Reports whether a reading is done in so short a time that nobody misses the text. */
async function soon(reading: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), unseen));
  return Promise.race([reading.then(() => true), late]);
}
