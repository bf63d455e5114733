import { known } from "./dom.js";

/** Takes files from the user: by a button, dragged over the page, or pasted. */
export class Picker {
  private readonly chooser = known<HTMLInputElement>("files");
  private readonly drop = known("drop");

  /** Open says whether files are taken now. */
  constructor(
    private readonly open: () => boolean,
    private readonly taken: (files: File[]) => void,
  ) {
    known("attach").addEventListener("click", () => this.chooser.click());
    this.chooser.addEventListener("change", () => {
      this.take(this.chooser.files);
      this.chooser.value = ""; // so that the same file can be chosen again
    });
    known("message").addEventListener("paste", (event) => {
      const files = event.clipboardData?.files;
      // A table of a spreadsheet is text with a picture of it: the text is meant.
      if (files?.length && !event.clipboardData?.types.includes("text/plain")) {
        event.preventDefault();
        this.take(files);
      }
    });
    for (const type of ["dragenter", "dragover"] as const) {
      addEventListener(type, (event) => this.over(event));
    }
    addEventListener("dragleave", (event) => (this.drop.hidden ||= event.relatedTarget === null));
    addEventListener("drop", (event) => this.dropped(event));
  }

  private over(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) {
      return;
    }
    event.preventDefault(); // else the browser would open the file
    event.dataTransfer.dropEffect = this.open() ? "copy" : "none";
    this.drop.hidden = !this.open();
  }

  private dropped(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) {
      return;
    }
    event.preventDefault();
    this.drop.hidden = true;
    this.take(event.dataTransfer.files);
  }

  private take(files: FileList | null): void {
    if (files?.length && this.open()) {
      this.taken([...files]);
    }
  }
}
