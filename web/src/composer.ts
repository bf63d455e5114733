/** The form in which the user writes. */
export class Composer {
  private readonly input: HTMLTextAreaElement;
  private readonly submit: HTMLButtonElement;

  constructor(
    form: HTMLFormElement,
    private readonly send: (text: string) => void,
    private readonly drafted: (text: string) => void,
  ) {
    this.input = form.querySelector("textarea") as HTMLTextAreaElement;
    this.submit = form.querySelector("button") as HTMLButtonElement;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendWritten();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** Goes back to what was written and not sent. */
  restore(draft: string): void {
    this.input.value = draft;
    this.fit();
  }

  focus(): void {
    if (document.activeElement !== this.input) {
      this.input.focus({ preventScroll: true });
    }
  }

  set disabled(disabled: boolean) {
    this.input.disabled = disabled;
    this.fit();
  }

  private sendWritten(): void {
    const text = this.input.value.trim();
    if (text === "") {
      return this.focus();
    }
    this.input.value = "";
    this.changed();
    this.focus();
    this.send(text);
  }

  private changed(): void {
    this.drafted(this.input.value);
    this.fit();
  }

  private pressed(event: KeyboardEvent): void {
    // Enter also ends the composition of a character, as in Japanese; Safari tells it by 229.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      this.sendWritten();
    }
  }

  /** Makes the field as high as its text, where CSS cannot. */
  private fit(): void {
    this.submit.disabled = this.input.disabled || this.input.value.trim() === "";
    if (!CSS.supports("field-sizing", "content")) {
      this.input.style.height = "auto";
      this.input.style.height = `${this.input.scrollHeight}px`;
    }
  }
}
