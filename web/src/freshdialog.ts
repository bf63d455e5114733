/** Asks whether to begin a new conversation, since the old one is then gone. */
export class FreshDialog {
  constructor(dialog: HTMLDialogElement, opener: HTMLButtonElement, confirmed: () => void) {
    opener.addEventListener("click", () => dialog.showModal());
    dialog.querySelector("[data-cancel]")?.addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-confirm]")?.addEventListener("click", () => {
      dialog.close();
      confirmed();
    });
  }
}
