/**
 * How long elements are made at a time, in milliseconds, and how many. To lay them out takes
 * several times as long.
 */
const longest = 4;
const most = 150;

/** How many letters count as an element. */
const letters = 50;

/** The frames that are taken, one after the other. */
let taken = Promise.resolve();

/** A spell of making elements. Between two there is a frame, also if the next is another's. */
export class Spell {
  private since = performance.now();
  private made = 0;

  /** Counts an element that was made with all in it, and reports whether the spell is over. */
  count(element: Element): boolean {
    this.made += 1 + element.getElementsByTagName("*").length + (element.textContent?.length ?? 0) / letters;
    return this.made >= most || performance.now() - this.since >= longest;
  }

  /** Waits for a frame of its own. */
  async next(): Promise<void> {
    taken = taken.then(frame);
    await taken;
    this.since = performance.now();
    this.made = 0;
  }
}

/** Waits until the browser is about to paint. A hidden page paints nothing. */
function frame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) {
      setTimeout(resolve);
    } else {
      requestAnimationFrame(() => resolve());
      setTimeout(resolve, 1000); // it may be hidden by then
    }
  });
}
