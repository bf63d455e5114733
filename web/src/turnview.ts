import { copier } from "./copier.js";
import { el } from "./dom.js";
import { OutcomeView, type Remedies } from "./outcomeview.js";
import { cardsOf, type Card, type Reply } from "./reply.js";
import { ReplyView, type Actions } from "./replyview.js";
import { sentView } from "./sentview.js";
import { stamp } from "./stamp.js";
import type { Turn } from "./turn.js";

/** Shows a message of the user and the replies to it. */
export class TurnView {
  readonly element: HTMLElement;
  private readonly replies = el("div", { class: "replies" });
  private readonly outcome: OutcomeView;
  private readonly meta = el("div", { class: "meta", hidden: true });
  private texts: string[] = [];
  private views: ReplyView[] = [];

  constructor(
    turn: Turn,
    private readonly actions: Actions & Remedies,
  ) {
    this.outcome = new OutcomeView(actions);
    this.element = el("div", { class: "turn" }, ...(turn.outside ? [] : sentView(turn)), this.replies, this.outcome.element, this.meta);
  }

  /** Shows the turn as it is now. Reports false when there was no time for all of it. */
  update(turn: Turn, until: number): boolean {
    this.element.dataset["state"] = turn.phase?.is === "queued" ? "queued" : turn.state;
    const cards = cardsOf(turn.replies);
    for (const [i, reply] of turn.replies.entries()) {
      if (performance.now() > until) {
        return false;
      }
      this.showReply(i, reply, cards[i]);
    }
    this.replies.classList.toggle("long", turn.replies.length > 20);
    this.views.splice(turn.replies.length).forEach((view) => view.element.remove());
    this.outcome.update(turn);
    this.showMeta(turn);
    return true;
  }

  /** Shows, below an answer that is over, when it came and a button to copy it. */
  private showMeta({ state, ended, replies }: Turn): void {
    this.texts = replies.map((reply) => reply.text).filter((text) => text !== "");
    const shown = state !== "open" && replies.length > 0;
    if (shown === !this.meta.hidden) {
      return;
    }
    this.meta.hidden = !shown;
    this.meta.replaceChildren(
      ...(shown && this.texts.length > 0 ? [copier("Copy the reply", () => this.texts.join("\n\n"))] : []),
      ...(shown && ended !== undefined ? [el("span", { class: "visually-hidden" }, "Answered at "), stamp(ended)] : []),
    );
  }

  private showReply(i: number, reply: Reply, card: Card | undefined): void {
    const shown = this.views[i];
    if (shown?.update(reply, card)) {
      return;
    }
    const view = new ReplyView(reply, card, this.actions);
    this.views[i] = view;
    if (shown) {
      shown.element.replaceWith(view.element);
    } else {
      this.replies.append(view.element);
    }
  }
}
