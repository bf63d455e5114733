/** How far from the end still counts as there, in pixels. */
const near = 64;

/** Keeps the end of the transcript in view while the user reads there. */
export class Scroller {
  private atEnd = true;

  constructor(
    private readonly view: HTMLElement,
    content: HTMLElement,
    private readonly jump: HTMLButtonElement,
  ) {
    view.addEventListener("scroll", () => this.look(), { passive: true });
    jump.addEventListener("click", () => this.toEnd());
    const follow = new ResizeObserver(() => this.follow());
    follow.observe(content);
    follow.observe(view);
  }

  /** Goes to the end with the next change and stays there. */
  stay(): void {
    this.atEnd = true;
    this.jump.hidden = true;
  }

  private toEnd(): void {
    this.stay();
    this.follow();
  }

  private follow(): void {
    if (this.atEnd) {
      this.view.scrollTop = this.view.scrollHeight;
    }
    this.jump.hidden = this.atEnd;
  }

  private look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.view;
    this.atEnd = scrollHeight - scrollTop - clientHeight < near;
    this.jump.hidden = this.atEnd;
  }
}
