const longest = 12; // ms; with the browser's own work a frame stays below 50

/** Lets the browser paint and take input in the midst of long work. */
export class Breather {
  private since = performance.now();

  /** Waits for a moment if the work has gone on for too long. */
  async breathe(): Promise<void> {
    if (performance.now() - this.since < longest) {
      return;
    }
    // A hidden page paints nothing, and its timers run once a second.
    if (!document.hidden) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.since = performance.now();
  }
}
