import { button, el } from "./dom.js";
import { embedding, isMessage, type EmbedMessage } from "./embedding.js";
import styles from "./styles/widget.css";

/** What the service knows of the page; it puts that in the place of the text. */
const settings = "%settings%" as unknown as { title: string; color: string; ink: string };

/** How long a page may take to say that it is there, in milliseconds. */
const patience = 10_000;

/** A button in a corner of another page, and the chat page in a frame above it. */
export class Widget {
  /** Its styles reach nothing else, and no others reach it. */
  readonly element = el("div");
  private readonly launcher: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private readonly problem = el("p", { role: "alert", hidden: true }, "The chat cannot be shown here.");
  private frame: HTMLIFrameElement | undefined;
  private readonly page: URL;

  constructor(source: string, data: DOMStringMap) {
    this.page = embedding(source, data);
    const label = data["label"] || settings.title;
    this.launcher = button({ "aria-expanded": "false", "aria-haspopup": "dialog" }, () => (this.panel.hidden ? this.open() : this.close()), bubble());
    this.launcher.setAttribute("aria-label", label);
    this.launcher.title = label;
    this.panel = el("div", { role: "dialog", "aria-label": settings.title, hidden: true }, this.problem);
    const root = this.element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${styles} :host { --color: ${settings.color}; --ink: ${settings.ink}; }`);
    root.adoptedStyleSheets = [sheet];
    root.append(el("div", { class: `widget ${data["side"] === "left" ? "left" : "right"}` }, this.panel, this.launcher));
    addEventListener("message", (event) => this.told(event));
    root.addEventListener("keydown", (event) => (event as KeyboardEvent).key === "Escape" && !this.panel.hidden && this.close());
    if (data["open"] !== undefined && data["open"] !== "false") {
      this.show();
    }
  }

  /** Shows the page, and gives it the focus. */
  private open(): void {
    this.show();
    this.frame?.focus();
    if (!this.ready) { // else it is told once it is there
      this.tell("focus");
    }
  }

  private show(): void {
    this.panel.hidden = false;
    this.launcher.setAttribute("aria-expanded", "true");
    if (!this.frame) {
      this.load();
    }
  }

  /** Hides the page, which goes on, and gives the focus back. */
  private close(): void {
    this.panel.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.focus();
  }

  private load(): void {
    this.frame = el("iframe", { src: this.page.href, title: settings.title, allow: "clipboard-write" });
    this.panel.append(this.frame);
    const missing = () => this.missing();
    const timer = setTimeout(missing, patience);
    // A page that may not be framed loads as an error, and says nothing.
    this.frame.addEventListener("load", () => setTimeout(missing, 1000));
    this.ready = () => {
      clearTimeout(timer);
      this.ready = undefined;
      this.problem.hidden = true;
      this.panel.dataset["ready"] = "";
    };
  }

  private ready: (() => void) | undefined;

  private missing(): void {
    if (this.ready && this.problem.hidden) {
      this.problem.hidden = false;
      console.warn(`Manyvox: ${this.page.origin} does not show the chat on ${location.origin}: it must be one of its --cors.`);
    }
  }

  /** Takes what the frame says, and nobody else. */
  private told({ source, origin, data }: MessageEvent): void {
    if (source !== this.frame?.contentWindow || origin !== this.page.origin || !isMessage(data)) {
      return;
    }
    if (data.manyvox === "ready") {
      this.ready?.();
      if (this.element.shadowRoot?.activeElement === this.frame) {
        this.tell("focus");
      }
    } else if (data.manyvox === "close") {
      this.close();
    }
  }

  private tell(what: EmbedMessage["manyvox"]): void {
    this.frame?.contentWindow?.postMessage({ manyvox: what } satisfies EmbedMessage, this.page.origin);
  }
}

function bubble(): Node {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, d] of [
    ["chat", "M8 4.5h8a5 5 0 0 1 5 5v2a5 5 0 0 1-5 5h-3.5L8 20v-3.5a5 5 0 0 1-5-5v-2a5 5 0 0 1 5-5z"],
    ["down", "M6 9.5l6 6 6-6"],
  ] as const) {
    const path = document.createElementNS(namespace, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
