import { Code, ConnectError } from "@connectrpc/connect";
import type { Archive } from "./archive.js";
import type { Conversation } from "./conversation.js";
import { backoff, Pause } from "./pause.js";
import type { Reply } from "./reply.js";

/** Something that was said outside a turn, or a sign of life. */
export interface Heard {
  /** What to give, to go on behind it. */
  cursor: string;
  said?: { id: string; at: number; replies: Reply[] };
}

/** Tells what is said to a sender, from a cursor on. Client does, and tests do. */
export interface Teller {
  readonly online: boolean;
  hear(channel: string, sender: string, after: string, signal: AbortSignal): AsyncIterable<Heard>;
}

/**
 * Listens to what is said outside the turns of a conversation, as long as the page is seen:
 * each listener takes a connection, of which a browser has six to one place.
 */
export class Listener {
  private readonly pause = new Pause();
  private hearing: AbortController | undefined;

  constructor(
    private readonly conversation: Conversation,
    private readonly archive: Archive,
    private readonly teller: Teller,
  ) {}

  /** Begins, unless it has begun. */
  start(): void {
    if (!this.hearing) {
      this.hearing = new AbortController();
      void this.listen(this.hearing.signal);
    }
  }

  /** Ends a pause: what was in the way may be gone. */
  hurry(): void {
    this.pause.cut();
  }

  stop(): void {
    this.hearing?.abort();
    this.hearing = undefined;
    this.conversation.listening = false;
    this.pause.cut();
  }

  private async listen(signal: AbortSignal): Promise<void> {
    this.conversation.listening = true;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        for await (const heard of this.teller.hear(this.conversation.channel, this.conversation.sender, this.archive.cursor, signal)) {
          attempt = 0;
          if (heard.said) {
            this.conversation.hear(heard.said.id, heard.said.at, heard.said.replies);
          }
          this.archive.cursor = heard.cursor;
        }
      } catch (reason) {
        if (ConnectError.from(reason).code === Code.OutOfRange) { // of another journal, or too old: what is missing is not kept
          this.archive.cursor = "";
        }
        if (!signal.aborted) {
          await this.pause.wait(backoff(attempt + 1));
        }
      }
    }
  }
}
