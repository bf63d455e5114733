/** One line about the whole page, such as that the browser is offline. */
export class Notice {
  private readonly said = new Map<string, string>();

  constructor(private readonly element: HTMLElement) {}

  /** Says something about a subject, or nothing any more. What was said last is shown. */
  say(subject: "network" | "service" | "channels", text: string): void {
    this.said.delete(subject);
    if (text) {
      this.said.set(subject, text);
    }
    const shown = [...this.said.values()].at(-1) ?? "";
    if (this.element.textContent !== shown) {
      this.element.textContent = shown;
    }
    this.element.hidden = shown === "";
  }
}
