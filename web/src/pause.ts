/** A wait that can be cut short. */
export class Pause {
  private end: () => void = () => {};

  /** Resolves after some milliseconds, or when it is cut; without a time only when it is cut. */
  async wait(ms = Infinity): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.end = () => {};
  }

  cut(): void {
    this.end();
  }
}

const first = 500;
const longest = 15_000;

/** Returns how long to wait before the nth repetition, counted from 1: twice as long each time, and not all pages at once. */
export function backoff(n: number): number {
  const full = Math.min(first * 2 ** (n - 1), longest);
  return full * (0.75 + Math.random() / 4);
}
