/** Asks the user for a channel's token. */
export class TokenDialog {
  private readonly input: HTMLInputElement;
  private given = "";

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly done: (token: string) => void,
    private readonly cancelled: () => void,
  ) {
    this.input = dialog.querySelector("input") as HTMLInputElement;
    dialog.querySelector("form")?.addEventListener("submit", (event) => this.submitted(event));
    dialog.querySelector("[data-cancel]")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.closed());
  }

  /** Opens, unless it is open. before is the token that was refused, "" for none. */
  ask(channel: string, before: string): void {
    if (this.dialog.open) {
      return;
    }
    this.given = "";
    this.input.value = "";
    this.text("[data-channel]", channel);
    this.text("[data-problem]", before ? "That token was not accepted." : "");
    this.input.setAttribute("aria-invalid", String(before !== ""));
    this.dialog.showModal();
  }

  private submitted(event: SubmitEvent): void {
    event.preventDefault();
    this.given = this.input.value.trim();
    if (this.given) {
      this.dialog.close();
    }
  }

  private closed(): void {
    this.input.value = "";
    if (this.given) {
      this.done(this.given);
    } else {
      this.cancelled();
    }
  }

  private text(of: string, text: string): void {
    const found = this.dialog.querySelector(of);
    if (found) {
      found.textContent = text;
    }
  }
}
