import { el } from "./dom.js";
import { Reader } from "./reader.js";

declare const styleFile: string; // set by build.mjs

type Rich = typeof import("./rich.js");

/** What is loaded with the first text that has Markdown: the parser, and what makes its elements. */
class Library {
  readonly reader = new Reader();
  /** What makes elements, once it is loaded. */
  rich: Rich | undefined;
  private style: Promise<void> | undefined;

  get ready(): boolean {
    return this.reader.ready && this.rich !== undefined;
  }

  /** Loads what is not there yet. It is ready then, or could not be had. */
  async load(): Promise<void> {
    await Promise.all([this.reader.load(), this.loadRich()]);
  }

  /** Loads what makes elements, and their style. */
  async loadRich(): Promise<Rich | undefined> {
    try {
      const [rich] = await Promise.all([import("./rich.js"), (this.style ??= styled())]);
      return (this.rich = rich);
    } catch {
      this.style = undefined; // no way to the service now
      return undefined;
    }
  }
}

/** The page's one. */
export const library = new Library();

function styled(): Promise<void> {
  const link = el("link", { rel: "stylesheet", href: new URL(styleFile, import.meta.url).href });
  return new Promise((done, failed) => {
    link.addEventListener("load", () => done());
    link.addEventListener("error", () => failed(new Error("the style cannot be loaded")));
    document.head.append(link);
  });
}
