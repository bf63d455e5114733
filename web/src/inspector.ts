import type { InspectorView } from "./inspectorview.js";
import type { Trace } from "./trace.js";

/** The panel with the raw events of the last turn and how long they took. */
export class Inspector {
  private trace: Trace | undefined;
  private frame = 0;
  private view: Promise<InspectorView> | undefined;

  constructor(
    private readonly panel: HTMLElement,
    private readonly toggle: HTMLButtonElement,
  ) {
    toggle.addEventListener("click", () => this.open(panel.hidden));
    panel.querySelector("[data-close]")?.addEventListener("click", () => this.open(false));
    panel.addEventListener("keydown", (event) => event.key === "Escape" && this.open(false));
  }

  show(trace: Trace): void {
    this.trace = trace;
    this.draw();
  }

  private open(open: boolean): void {
    this.panel.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    if (open) {
      this.draw();
      this.panel.focus();
    } else {
      this.toggle.focus();
    }
  }

  private draw(): void {
    if (!this.panel.hidden && !this.frame && this.trace) {
      this.frame = requestAnimationFrame(() => void this.drawn());
    }
  }

  private async drawn(): Promise<void> {
    this.view ??= import("./inspectorview.js").then(({ InspectorView }) => new InspectorView(this.panel));
    try {
      const view = await this.view;
      this.frame = 0;
      if (this.trace) {
        view.show(this.trace);
      }
    } catch { // not loaded: asked for again with the next event, or when it is opened again
      this.view = undefined;
      this.frame = 0;
    }
  }
}
