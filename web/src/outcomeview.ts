import { button, el } from "./dom.js";
import type { Failure } from "./failure.js";
import { icon, type IconName } from "./icon.js";
import type { Turn } from "./turn.js";

/** What a user can do about a turn that waits or has failed. */
export interface Remedies {
  /** Asks again with the same id. */
  retry(turn: Turn): void;
  /** Sends the text as a new message. */
  repeat(turn: Turn): void;
  enterToken(): void;
  /** Ends the pause before the next attempt. */
  hurry(): void;
}

/** Shows what a turn waits for, or how it failed. */
export class OutcomeView {
  readonly element = el("div", { class: "outcome" });
  private shown = "";
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly remedies: Remedies) {}

  update(turn: Turn): void {
    const what = JSON.stringify([turn.state, turn.phase, turn.failure, turn.stopped, isWriting(turn)]);
    if (what === this.shown) {
      return;
    }
    this.shown = what;
    clearInterval(this.ticking);
    this.element.replaceChildren(...this.content(turn));
  }

  private content(turn: Turn): Node[] {
    const { phase, failure } = turn;
    if (failure) {
      return [this.failed(turn, failure)];
    }
    switch (phase?.is) {
      case "queued":
        return [el("p", { class: "quiet" }, "Waiting for its turn")];
      case "stopping":
        return [el("p", { class: "quiet" }, "Stopping…")];
      case "asked":
        return isWriting(turn) ? [] : [typing()];
      case "offline":
        return [line("warning", "You are offline.", "This is sent as soon as you are back.")];
      case "token":
        return [line("lock", phase.failure.title, "", button({ class: "remedy" }, () => this.remedies.enterToken(), "Enter token"))];
      case "pause":
        return [this.pausing(phase.failure, phase.until)];
      default:
        return ended(turn);
    }
  }

  private failed(turn: Turn, { title, detail, remedy }: Failure): Node {
    const again = button({ class: "remedy" }, () => this.remedies.retry(turn), icon("again"), "Try again");
    const anew = button({ class: "remedy" }, () => this.remedies.repeat(turn), icon("again"), "Send again");
    const offered = { retry: again, wait: again, token: again, anew, none: undefined }[remedy];
    if (remedy === "anew" && turn.files) { // each can be sent once
      return line("warning", title, `${detail} Attach the files again to send it anew.`);
    }
    return line("warning", title, detail, offered);
  }

  private pausing({ title }: Failure, until: number): Node {
    const rest = el("span", { "aria-live": "off" });
    const tick = () => {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      rest.textContent = seconds > 1 ? `Trying again in ${seconds} s.` : "Trying again…";
    };
    tick();
    this.ticking = setInterval(tick, 500);
    return line("again", title, rest, button({ class: "remedy" }, () => this.remedies.hurry(), "Try now"));
  }
}

function ended({ state, stopped, replies }: Turn): Node[] {
  if (stopped) {
    return [el("p", { class: "quiet" }, "Stopped")];
  }
  return state === "done" && replies.length === 0 ? [el("p", { class: "quiet" }, "No reply")] : [];
}

/** Reports whether the text in progress shows that there is more to come. */
function isWriting({ replies, stale }: Turn): boolean {
  return !stale && replies.at(-1)?.partial === true;
}

function typing(): Node {
  const dots = [el("span"), el("span"), el("span")];
  return el("div", { class: "typing bubble" }, el("span", { class: "visually-hidden" }, "The assistant is writing"), ...dots);
}

function line(picture: IconName, title: string, detail: string | Node, remedy?: Node): Node {
  return el(
    "div",
    { class: "failure" },
    icon(picture),
    el("p", {}, el("strong", {}, title), " ", typeof detail === "string" ? el("span", { class: "detail" }, detail) : detail),
    remedy,
  );
}
