import { known } from "./dom.js";
import type { Tray } from "./tray.js";
import type { Sent } from "./upload.js";

/** What the composer has others do. */
export interface Writer {
  send(text: string, files: Sent[]): void;
  stop(): void;
  drafted(draft: string): void;
}

/** The form in which the user writes, chooses files, and stops the answer. */
export class Composer {
  private readonly input: HTMLTextAreaElement;
  private readonly submit: HTMLButtonElement;
  private readonly stopper = known<HTMLButtonElement>("stop");
  private answering = false;

  constructor(
    form: HTMLFormElement,
    private readonly tray: Tray,
    private readonly writer: Writer,
  ) {
    this.input = form.querySelector("textarea") as HTMLTextAreaElement;
    this.submit = form.querySelector("[type=submit]") as HTMLButtonElement;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendWritten();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.stopper.addEventListener("click", () => {
      writer.stop();
      this.focus();
    });
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
    known<HTMLButtonElement>("attach").disabled = disabled;
    this.fit();
  }

  get disabled(): boolean {
    return this.input.disabled;
  }

  /** Says whether there is an answer under way, which can be stopped, and whether that is asked for. */
  showAnswering(answering: boolean, stopping: boolean): void {
    this.answering = answering;
    this.stopper.disabled = stopping;
    this.fit();
  }

  /** Makes the field as high as its text, where CSS cannot, and offers what can be done. */
  fit(): void {
    const nothing = this.input.value.trim() === "" && this.tray.empty;
    this.submit.disabled = this.input.disabled || nothing || !this.tray.ready;
    // Who has written something while the assistant answers can send that too.
    this.stopper.hidden = !this.answering;
    this.submit.hidden = this.answering && nothing;
    if (!CSS.supports("field-sizing", "content")) {
      this.input.style.height = "auto";
      this.input.style.height = `${this.input.scrollHeight}px`;
    }
  }

  private sendWritten(): void {
    const text = this.input.value.trim();
    if ((text === "" && this.tray.empty) || !this.tray.ready) {
      return this.focus();
    }
    const files = this.tray.take();
    this.input.value = "";
    this.changed();
    this.focus();
    this.writer.send(text, files);
  }

  private changed(): void {
    this.writer.drafted(this.input.value);
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
}
