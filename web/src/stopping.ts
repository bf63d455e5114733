/** How often the service is asked to end a turn, and how long the user waits for that, in milliseconds. */
const tries = 3;
const between = 700;
const patience = 6000;

/**
 * Has the service end a turn. One that is not found may be about to begin, so it is asked for
 * again. GiveUp is called when the turn goes on in spite of all.
 */
export class Stopping {
  private readonly timer: ReturnType<typeof setTimeout>;
  private over = false;

  constructor(
    readonly id: string,
    private readonly ask: () => Promise<boolean>,
    giveUp: () => void,
  ) {
    this.timer = setTimeout(giveUp, patience);
    void this.run(1);
  }

  /** The turn is over. What was asked is not taken back: the service may still be at it. */
  end(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private async run(n: number): Promise<void> {
    const found = await this.ask().catch(() => false);
    if (!found && n < tries) {
      setTimeout(() => !this.over && void this.run(n + 1), between);
    }
  }
}
