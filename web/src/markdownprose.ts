import type { Piece } from "./block.js";
import { BlockView, type Surroundings } from "./blockview.js";
import { morph } from "./morph.js";
import { mayBeMarkdown, plain } from "./plain.js";
import type { Shown, Wanted } from "./prose.js";
import { Reader } from "./reader.js";
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

const reader = new Reader();

/**
 * Shows a text with the Markdown in it as elements, and lets it grow. Until it is read it is
 * plain. Blocks that have not changed keep their elements.
 */
export class MarkdownProse {
  private readonly view: BlockView;
  private wanted: Wanted | undefined;
  private running = false;
  private changed = () => {};
  /** The text of which the shown blocks were read; undefined while they are plain. */
  private read: string | undefined;
  /** The text has taken too long to be read. */
  private hostile = false;

  /** The element may show plain pieces already. */
  constructor(
    private readonly element: HTMLElement,
    private readonly shown: Shown[],
    around: Surroundings,
  ) {
    this.view = new BlockView(around);
  }

  /** Makes the whole text appear. */
  show(wanted: Wanted): void {
    this.wanted = wanted;
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
    if (!reader.ready) {
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
    const reading = reader.read({ text: begun.slice(at), format });
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
    await Promise.race([reader.load(), new Promise<void>((resolve) => (this.changed = resolve))]);
    return reader.ready;
  }

  /** Returns how many blocks of a text that has grown stay as they are. */
  private settled(text: string): number {
    const kept = this.shown.slice(0, -unsettled);
    const length = kept.reduce((sum, s) => sum + s.length, 0);
    const same = this.read !== undefined && text.startsWith(this.read.slice(0, length));
    return same && kept.every((s) => s.length > 0) ? kept.length : 0;
  }

  /** Shows these pieces behind those that stay. */
  private async draw(pieces: string[], kept: number): Promise<void> {
    const spell = new Spell();
    this.element.classList.toggle("many", kept + pieces.length > many);
    for (const [i, json] of pieces.entries()) {
      const made = this.put(kept + i, json);
      if (made && spell.count(made)) {
        await spell.next();
      }
    }
    this.shown.splice(kept + pieces.length).forEach(({ element }) => element.remove());
  }

  /** Shows a piece at its place, and returns the element that was made for it, if it has changed. */
  private put(i: number, json: string): Element | undefined {
    const old = this.shown[i];
    if (old?.json === json) {
      return undefined;
    }
    const { block, length } = JSON.parse(json) as Piece;
    const fresh = this.view.block(block);
    const element = old ? morph(old.element, fresh) : fresh;
    if (!old) {
      this.element.append(element);
    }
    this.shown[i] = { json, length, element };
    return fresh;
  }
}

/** Reports whether a reading is done in so short a time that nobody misses the text. */
async function soon(reading: Promise<unknown>): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), unseen));
  return Promise.race([reading.then(() => true), late]);
}
