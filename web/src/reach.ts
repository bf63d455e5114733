import type { Client } from "./client.js";
import type { Notice } from "./notice.js";
import { backoff, Pause } from "./pause.js";

/** Finds out which channels there are, however long the service takes to be reached. */
export class Reach {
  private readonly pause = new Pause();
  private asking = false;

  constructor(
    private readonly client: Client,
    private readonly notice: Notice,
    private readonly found: (channels: string[]) => void,
  ) {
    addEventListener("online", () => this.network());
    addEventListener("offline", () => this.network());
    this.network();
  }

  /** Asks until there is an answer. */
  async ask(): Promise<void> {
    this.pause.cut();
    if (this.asking) {
      return;
    }
    this.asking = true;
    for (let n = 1; this.asking; n++) {
      try {
        this.tell(await this.client.channels());
        this.asking = false;
      } catch {
        this.notice.say("service", "The service cannot be reached. Trying again…");
        await this.pause.wait(backoff(n));
      }
    }
  }

  private tell(channels: string[]): void {
    this.notice.say("service", "");
    this.found(channels);
  }

  private network(): void {
    this.notice.say("network", navigator.onLine ? "" : "You are offline. What you write is kept and sent later.");
  }
}
