import type { Archive } from "./archive.js";
import { failureOf, type Failure } from "./failure.js";
import { newId } from "./id.js";
import { backoff, Pause } from "./pause.js";
import { Stopping } from "./stopping.js";
import type { Reply } from "./reply.js";
import { Trace } from "./trace.js";
import { after, newTurn, outsideTurn, type Phase, type Turn, type TurnEvent } from "./turn.js";
import type { Sent } from "./upload.js";

/** How often a service that answers, but cannot help, is asked before the user is. */
const patience = 5;

/** Asks the service. Client does, and tests do. */
export interface Asker {
  /** False when there is surely no way to it. */
  readonly online: boolean;
  ask(channel: string, sender: string, turn: Turn, trace: Trace, signal: AbortSignal): AsyncIterable<TurnEvent>;
  /** Has the service end a turn, and reports whether it ran. Its ask ends then. */
  stop(channel: string, sender: string, id: string): Promise<boolean>;
}

/** Who watches a conversation. */
export interface Watcher {
  turnChanged(turn: Turn): void;
  traced(trace: Trace): void;
}

/**
 * The messages of one channel, answered one at a time in the order in which they were
 * written. A turn that was open when the page was left is asked again under its id.
 */
export class Conversation {
  readonly sender: string;
  /** This page hears by itself what is said outside turns. */
  listening = false;
  private readonly turns = new Map<string, Turn>();
  private readonly pause = new Pause();
  private readonly closed = new AbortController();
  private running = false;
  private attempting: AbortController | undefined;
  private stopping: Stopping | undefined;

  constructor(
    readonly channel: string,
    private readonly archive: Archive,
    private readonly asker: Asker,
    private readonly watcher: Watcher,
  ) {
    this.sender = archive.sender();
    archive.turns().forEach((turn) => this.turns.set(turn.id, turn));
    archive.trim();
  }

  all(): Turn[] {
    return [...this.turns.values()];
  }

  get empty(): boolean {
    return this.turns.size === 0;
  }

  /** Begins or goes on answering what is open. */
  resume(): void {
    this.pause.cut();
    void this.work();
  }

  send(text: string, label?: string, files?: readonly Sent[]): void {
    const turn = newTurn(newId(), Date.now(), text, label, files);
    this.archive.keep(turn);
    this.put(turn);
    void this.work();
  }

  /** Asks again with the same id. */
  retry(id: string): void {
    this.happen(id, { is: "phase", phase: { is: "queued" } });
    this.resume();
  }

  /** Returns the turn that is being answered, if there is one. */
  get answering(): Turn | undefined {
    return this.running ? this.open() : undefined;
  }

  /** Ends the turn that is being answered. What was shown of it stays, and what waits follows. */
  stop(): void {
    const turn = this.answering;
    if (!turn || this.stopping) {
      return;
    }
    this.happen(turn.id, { is: "phase", phase: { is: "stopping" } });
    this.stopping = new Stopping(
      turn.id,
      () => this.asker.stop(this.channel, this.sender, turn.id),
      () => this.attempting?.abort(),
    );
    this.pause.cut();
  }

  /** Ends what waits for a token that the user does not give. */
  giveUp(): void {
    const waiting = this.all().find((turn) => turn.phase?.is === "token");
    if (waiting?.phase?.is === "token") {
      this.happen(waiting.id, { is: "failed", at: Date.now(), failure: waiting.phase.failure });
      this.resume();
    }
  }

  /** Shows what was said outside a turn. What a turn has said is shown with it. */
  hear(id: string, at: number, replies: readonly Reply[]): void {
    const known = this.turns.get(id);
    const written = known ?? this.archive.turn(id); // another tab may have asked
    if (written && !written.outside) {
      return;
    }
    const before = known ?? outsideTurn(id, at);
    const said = replies.map((reply, i) => ({ ...reply, id: String(before.replies.length + i + 1) }));
    const turn = { ...before, replies: [...before.replies, ...said] };
    this.archive.keep(turn);
    this.put(turn);
  }

  /** Takes over a turn that another tab has written, unless it is asked for here too. */
  adopt(id: string): void {
    const turn = this.archive.turn(id);
    if (turn?.outside && this.listening) {
      return;
    }
    const mine = this.turns.get(id);
    if (turn && (!mine || (mine.state === "open" && !this.running))) {
      this.put(turn);
    }
  }

  /** Writes what is not written yet, since the page may be left for good. */
  flush(): void {
    this.archive.flush();
  }

  /** Forgets all of it, here and in the browser. */
  forget(): void {
    this.closed.abort();
    this.stopping?.end();
    this.turns.clear();
    this.pause.cut();
    this.archive.forget();
  }

  get draft(): string {
    return this.archive.draft();
  }

  set draft(text: string) {
    this.archive.keepDraft(text);
  }

  private async work(): Promise<void> {
    if (this.running) {
      return;
    }
    this.running = true;
    try {
      for (let turn = this.open(); turn; turn = this.open()) {
        await this.answer(turn.id);
      }
    } finally {
      this.running = false;
    }
  }

  private open(): Turn | undefined {
    return this.all().find((turn) => turn.state === "open");
  }

  /** Asks until there is an answer or only the user can help. */
  private async answer(id: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.attempt(id, attempt);
      if (this.closed.signal.aborted) {
        return;
      }
      const stopped = this.takeStop(id);
      if (!failure || stopped) {
        return this.happen(id, { is: failure ? "stopped" : "done", at: Date.now() });
      }
      const phase = await this.next(failure, attempt);
      if (!phase) {
        return this.happen(id, { is: "failed", at: Date.now(), failure });
      }
      this.happen(id, { is: "phase", phase });
      await this.pause.wait(phase.is === "pause" ? phase.until - Date.now() : undefined);
      if (this.turns.get(id)?.state !== "open") {
        return;
      }
      if (this.takeStop(id)) { // while nothing was under way
        return this.happen(id, { is: "stopped", at: Date.now() });
      }
    }
  }

  /** Reports, once, whether the user has stopped a turn, which is over now. */
  private takeStop(id: string): boolean {
    if (this.stopping?.id !== id) {
      return false;
    }
    this.stopping.end();
    this.stopping = undefined;
    return true;
  }

  private async attempt(id: string, n: number): Promise<Failure | undefined> {
    this.happen(id, { is: "phase", phase: { is: "asked" } });
    const turn = this.turns.get(id) as Turn;
    this.attempting = new AbortController();
    const signal = AbortSignal.any([this.closed.signal, this.attempting.signal]);
    const trace = new Trace({ channel: this.channel, sender: this.sender, message: turn.text, messageId: id }, n);
    this.watcher.traced(trace);
    let failure: Failure | undefined;
    let shown = false;
    try {
      for await (const event of this.asker.ask(this.channel, this.sender, turn, trace, signal)) {
        shown = true;
        this.happen(id, event);
        this.watcher.traced(trace);
      }
    } catch (err) {
      failure = failureOf(err, shown);
    }
    trace.end(failure);
    this.watcher.traced(trace);
    return failure;
  }

  /** Returns what to wait for before the next attempt, if there is to be one. */
  private next(failure: Failure, attempt: number): Phase | undefined {
    if (failure.remedy === "token") {
      return { is: "token", failure };
    }
    if (failure.remedy !== "wait" || (failure.code !== "lost" && attempt >= patience)) {
      return undefined;
    }
    if (failure.code === "lost" && !this.asker.online) {
      return { is: "offline" };
    }
    return { is: "pause", failure, until: Date.now() + Math.max(failure.wait, backoff(attempt)) };
  }

  private happen(id: string, event: TurnEvent): void {
    const turn = this.turns.get(id);
    if (turn) {
      const changed = after(turn, event);
      this.archive.keepSoon(changed);
      this.put(changed);
    }
  }

  private put(turn: Turn): void {
    this.turns.set(turn.id, turn);
    this.watcher.turnChanged(turn);
  }
}
