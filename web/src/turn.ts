import type { Format } from "./block.js";
import type { Failure } from "./failure.js";
import type { Reply } from "./reply.js";
import type { Sent } from "./upload.js";

/** What a turn that is not over is waiting for. */
export type Phase =
  | { is: "queued" } // earlier messages are answered first
  | { is: "asked" }
  | { is: "stopping" }
  | { is: "offline" }
  | { is: "token"; failure: Failure }
  | { is: "pause"; failure: Failure; until: number }; // asked again then, in ms since 1970

/** A message of the user and what became of it. */
export interface Turn {
  /** The message_id, under which the service runs it once however often it is asked. */
  readonly id: string;
  /** When it was written, in ms since 1970. */
  readonly at: number;
  /** What is sent. */
  readonly text: string;
  /** What the user sees of it, the title of a button. */
  readonly label?: string;
  /** The files that go with it. */
  readonly files?: readonly Sent[];
  /** When it was over, in ms since 1970. */
  readonly ended?: number;
  /** It was said outside a turn: the user has written nothing. */
  readonly outside?: true;
  /** The user has stopped it. */
  readonly stopped?: true;
  readonly state: "open" | "done" | "failed";
  readonly replies: readonly Reply[];
  readonly failure?: Failure;
  readonly phase?: Phase;
  /** The replies are of an earlier attempt: the first event of this one replaces them. */
  readonly stale?: true;
}

/** Returns the turn of something that was said outside one. */
export function outsideTurn(id: string, at: number): Turn {
  return { id, at, ended: at, text: "", outside: true, state: "done", replies: [] };
}

/** What happens to a turn. */
export type TurnEvent =
  | { is: "phase"; phase: Phase }
  | { is: "delta"; id: string; text: string; format?: Format }
  | { is: "reply"; reply: Reply }
  | { is: "done"; at: number }
  | { is: "stopped"; at: number }
  | { is: "failed"; at: number; failure: Failure };

export function newTurn(id: string, at: number, text: string, label?: string, files: readonly Sent[] = []): Turn {
  return {
    id,
    at,
    text,
    ...(label !== undefined && label !== text && { label }),
    ...(files.length > 0 && { files }),
    state: "open",
    replies: [],
    phase: { is: "queued" },
  };
}

/** Returns the turn after an event. */
export function after(turn: Turn, event: TurnEvent): Turn {
  switch (event.is) {
    case "phase":
      return waiting(turn, event.phase);
    case "delta":
      return showing(turn, grown(turn, event));
    case "reply":
      return showing(turn, event.reply);
    case "done":
      return over(turn.stale ? { ...turn, replies: [] } : turn, "done", event.at);
    case "stopped":
      return { ...over(turn, "done", event.at), stopped: true };
    case "failed":
      return { ...over(turn, "failed", event.at), failure: event.failure };
  }
}

/** What is kept of a turn: what it waits for ends with the page. */
export function kept({ phase: _phase, stale: _stale, ...turn }: Turn): Turn {
  return turn;
}

function waiting({ failure: _failure, ended: _ended, ...turn }: Turn, phase: Phase): Turn {
  if (phase.is === "stopping") { // goes on, for as long as that takes
    return { ...turn, phase };
  }
  return { ...turn, state: "open", phase, ...(turn.replies.length > 0 && { stale: true }) };
}

function showing({ stale, ...turn }: Turn, reply: Reply): Turn {
  const shown = stale ? [] : turn.replies;
  const at = shown.findLastIndex((r) => r.id === reply.id);
  return { ...turn, replies: at < 0 ? [...shown, reply] : shown.with(at, reply) };
}

function grown(turn: Turn, { id, text, format }: Extract<TurnEvent, { is: "delta" }>): Reply {
  const before = turn.stale ? undefined : turn.replies.findLast((r) => r.id === id);
  return { id, text: (before?.text ?? "") + text, ...(format && { format }), partial: true };
}

function over({ phase: _phase, stale: _stale, ...turn }: Turn, state: "done" | "failed", ended: number): Turn {
  return { ...turn, state, ended, replies: turn.replies.map(({ partial: _partial, ...reply }) => reply) };
}
