import { newId } from "./id.js";
import type { Store } from "./storage.js";
import { kept, type Turn } from "./turn.js";

/** The most turns that are kept of a conversation. */
const most = 1000;

/**
 * Keeps one channel's conversation: the sender, each turn under a key of its own, so
 * that two tabs can write to it, and the draft of the next message.
 */
export class Archive {
  private readonly unwritten = new Map<string, Turn>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store,
    private readonly channel: string,
  ) {}

  /** Returns who writes, 128 random bits that nobody else can guess. */
  sender(): string {
    const key = `sender:${this.channel}`;
    const known = this.store.get(key);
    if (known) {
      return known;
    }
    const made = newId();
    this.store.set(key, made);
    return made;
  }

  /** Returns the turns in the order in which they were written. */
  turns(): Turn[] {
    return this.turnKeys()
      .flatMap((key) => parsed(this.store.get(key)) ?? [])
      .sort((a, b) => a.at - b.at);
  }

  turn(id: string): Turn | undefined {
    return parsed(this.store.get(this.key(id)));
  }

  /** Keeps a turn that is about to change again. */
  keepSoon(turn: Turn): void {
    this.unwritten.set(turn.id, turn);
    this.timer ??= setTimeout(() => this.flush(), 300);
  }

  /** Writes what keepSoon has put off. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    [...this.unwritten.values()].forEach((turn) => this.keep(turn));
  }

  /** Keeps a turn. When the browser's room is used up, the oldest give way. */
  keep(turn: Turn): void {
    this.unwritten.delete(turn.id);
    const text = JSON.stringify(kept(turn));
    for (let room = this.store.set(this.key(turn.id), text); !room; room = this.store.set(this.key(turn.id), text)) {
      if (!this.dropOldest(20, turn.id)) {
        return;
      }
    }
  }

  /** Drops what is over the most. */
  trim(): void {
    this.dropOldest(this.turnKeys().length - most);
  }

  /** Forgets the conversation; the next one has another sender. */
  forget(): void {
    this.unwritten.clear();
    this.turnKeys().forEach((key) => this.store.remove(key));
    this.store.remove(`sender:${this.channel}`);
    this.store.remove(`cursor:${this.channel}`);
  }

  draft(): string {
    return this.store.get(`draft:${this.channel}`) ?? "";
  }

  keepDraft(text: string): void {
    if (text) {
      this.store.set(`draft:${this.channel}`, text);
    } else {
      this.store.remove(`draft:${this.channel}`);
    }
  }

  /** Up to where what is said outside turns was heard. */
  get cursor(): string {
    return this.store.get(`cursor:${this.channel}`) ?? "";
  }

  set cursor(cursor: string) {
    this.store.set(`cursor:${this.channel}`, cursor);
  }

  private key(id: string): string {
    return `turn:${this.channel}:${id}`;
  }

  private turnKeys(): string[] {
    return this.store.keys().filter((key) => key.startsWith(this.key("")));
  }

  private dropOldest(n: number, except = ""): boolean {
    const oldest = n > 0 ? this.turns().filter((turn) => turn.id !== except).slice(0, n) : [];
    oldest.forEach((turn) => this.store.remove(this.key(turn.id)));
    return oldest.length > 0;
  }
}

/** Leaves out what an older page may have written otherwise. */
function parsed(text: string | null): Turn | undefined {
  try {
    const turn = JSON.parse(text ?? "null") as Partial<Turn> | null;
    const whole = typeof turn?.id === "string" && typeof turn.text === "string" && Array.isArray(turn.replies);
    return whole ? (turn as Turn) : undefined;
  } catch {
    return undefined;
  }
}
