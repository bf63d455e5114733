import { el } from "./dom.js";

declare const styleFile: string; // set by build.mjs

type Rich = typeof import("./rich.js");

/** What is loaded with the first text that may have Markdown, or the first JSON that is opened. */
class Library {
  /** What makes elements, once it is loaded. */
  rich: Rich | undefined;
  private style: Promise<void> | undefined;

  /** Loads it with its style. It is undefined when it cannot be had. */
  async load(): Promise<Rich | undefined> {
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
