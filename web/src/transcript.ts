import { el } from "./dom.js";
import type { Remedies } from "./outcomeview.js";
import type { Actions } from "./replyview.js";
import type { Turn } from "./turn.js";
import { TurnView } from "./turnview.js";

/** How much of a frame is spent on turns, in milliseconds. */
const budget = 8;

/** Two turns further apart get the time between them. */
const gap = 60 * 60 * 1000;

/** How many turns are laid out and painted as one, or not at all while they are out of view. */
const stretchOf = 10;

/** Shows the turns of a conversation. Changes are gathered and shown frame by frame. */
export class Transcript {
  private readonly views = new Map<string, TurnView>();
  private readonly changed = new Map<string, Turn>();
  private frame = 0;
  private last = 0;
  private stretch: HTMLElement | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly actions: Actions & Remedies,
  ) {}

  /** Shows another conversation. What was said before is not told to a screen reader. */
  show(turns: Turn[]): void {
    this.element.setAttribute("aria-live", "off");
    this.views.clear();
    this.changed.clear();
    this.last = 0;
    this.stretch = undefined;
    this.element.replaceChildren();
    turns.forEach((turn) => this.update(turn));
    this.update();
  }

  update(turn?: Turn): void {
    if (turn) {
      this.changed.set(turn.id, turn);
    }
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const until = performance.now() + budget;
    for (const [id, turn] of this.changed) {
      if (!this.viewOf(turn).update(turn, until)) {
        return this.update();
      }
      this.changed.delete(id);
    }
    if (this.element.getAttribute("aria-live") === "off") {
      requestAnimationFrame(() => this.element.setAttribute("aria-live", "polite"));
    }
  }

  private viewOf(turn: Turn): TurnView {
    const shown = this.views.get(turn.id);
    if (shown) {
      return shown;
    }
    if (!this.stretch || this.views.size % stretchOf === 0) {
      this.stretch = el("div", { class: "stretch" });
      this.element.append(this.stretch);
    }
    if (turn.at - this.last > gap) {
      this.stretch.append(timeOf(turn.at));
    }
    this.last = turn.at;
    const view = new TurnView(turn, this.actions);
    this.views.set(turn.id, view);
    this.stretch.append(view.element);
    return view;
  }
}

function timeOf(at: number): Node {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const text = time.toLocaleString([], { hour: "numeric", minute: "2-digit", ...(!today && { weekday: "short", day: "numeric", month: "short" }) });
  return el("p", { class: "time" }, el("time", { datetime: time.toISOString() }, today ? `Today ${text}` : text));
}
