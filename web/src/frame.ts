import { isMessage, type EmbedMessage } from "./embedding.js";

/** The frame that the page is in, where a script has put it into another page. */
export class Frame {
  /** Focused is called when the frame gets the focus, and so should the page. */
  constructor(closer: HTMLButtonElement, focused: () => void) {
    closer.hidden = false;
    closer.addEventListener("click", () => this.tell("close"));
    addEventListener("keydown", (event) => {
      // What Escape closes within the page comes first.
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) {
        this.tell("close");
      }
    });
    addEventListener("message", ({ source, data }) => {
      if (source === parent && isMessage(data) && data.manyvox === "focus") {
        focused();
      }
    });
    this.tell("ready");
  }

  /** The other page may be of any origin that is allowed, and what it is told is no secret. */
  private tell(what: EmbedMessage["manyvox"]): void {
    parent.postMessage({ manyvox: what } satisfies EmbedMessage, "*");
  }
}
