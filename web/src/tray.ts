import { button, el } from "./dom.js";
import { icon } from "./icon.js";
import { keepPreview, previewOf } from "./preview.js";
import { sizeText } from "./size.js";
import { mostFiles, Upload, type Place, type Sent } from "./upload.js";

/** The files that go with the next message, each conversation's own. */
export class Tray {
  private readonly lists = new Map<string, Item[]>();
  private channel = "";

  /** Changed is called when there may be more or less to send. */
  constructor(
    private readonly list: HTMLUListElement,
    private readonly status: HTMLElement,
    private readonly problem: HTMLElement,
    private readonly place: (channel: string) => Place,
    private readonly changed: () => void,
  ) {}

  /** Shows the files of a channel's conversation. */
  open(channel: string): void {
    this.channel = channel;
    this.draw();
  }

  /** Drops the files of the conversation, which is gone. */
  clear(): void {
    this.items.forEach((item) => item.drop());
    this.put([]);
  }

  add(files: Iterable<File>): void {
    const { channel, items } = this;
    const list = [...items];
    let tooMany = false;
    for (const file of files) {
      if (list.length >= mostFiles) {
        tooMany = true;
        break;
      }
      list.push(new Item(file, () => this.place(channel), { changed: (item) => this.told(item), remove: (item) => this.remove(item) }));
    }
    this.put(list);
    this.problem.textContent = tooMany ? `A message takes ${mostFiles} files at most: the others were left out.` : "";
    list.slice(items.length).forEach((item) => item.upload.start());
  }

  get empty(): boolean {
    return this.items.length === 0;
  }

  /** Reports whether all files are there. */
  get ready(): boolean {
    return this.items.every((item) => item.sent);
  }

  /** Gives the files that are to be sent, and forgets them. */
  take(): Sent[] {
    const sent = this.items.flatMap((item) => item.give() ?? []);
    this.put([]);
    return sent;
  }

  private get items(): Item[] {
    return this.lists.get(this.channel) ?? [];
  }

  private put(items: Item[]): void {
    this.lists.set(this.channel, items);
    this.problem.textContent = "";
    this.draw();
  }

  private remove(item: Item): void {
    const at = this.items.indexOf(item);
    item.drop();
    this.put(this.items.filter((other) => other !== item));
    this.say(`${item.name} removed.`);
    // The focus was on what is gone.
    (this.items[Math.min(at, this.items.length - 1)]?.remover ?? this.list.closest("form")?.querySelector("textarea"))?.focus();
  }

  private told(item: Item): void {
    const { progress } = item.upload;
    if (progress.is !== "running") {
      this.say(progress.is === "done" ? `${item.name} is ready to be sent.` : `${item.name} was not uploaded. ${progress.why}`);
    }
    this.changed();
  }

  private say(text: string): void {
    this.status.textContent = text;
  }

  private draw(): void {
    this.list.hidden = this.empty;
    this.list.replaceChildren(...this.items.map((item) => item.element));
    this.changed();
  }
}

interface Watcher {
  changed(item: Item): void;
  remove(item: Item): void;
}

/** One file of the tray. */
class Item {
  readonly element = el("li", { class: "upload" });
  readonly upload: Upload;
  readonly remover: HTMLButtonElement;
  private readonly preview: string | undefined;
  private readonly state = el("span", { class: "upload-state" });
  private readonly bar = el("progress", { max: "1" });
  private readonly again: HTMLButtonElement;
  private given = false;

  constructor(file: File, place: () => Place, watcher: Watcher) {
    const name = file.name || "file";
    this.preview = previewOf(file);
    this.bar.setAttribute("aria-label", `Uploading ${name}`);
    this.remover = button({ class: "upload-remove", "aria-label": `Remove ${name}`, title: "Remove" }, () => watcher.remove(this), icon("close"));
    this.again = button({ class: "upload-again", "aria-label": `Upload ${name} again`, title: "Try again", hidden: true }, () => this.upload.start(), icon("again"));
    const picture = this.preview ? el("img", { src: this.preview, alt: "", decoding: "async" }) : icon("file");
    this.element.append(
      el("span", { class: "upload-picture" }, picture),
      el("span", { class: "upload-text" }, el("span", { class: "upload-name", title: name, dir: "auto" }, name), this.state, this.bar),
      this.again,
      this.remover,
    );
    this.upload = new Upload(file, place, () => {
      this.draw();
      watcher.changed(this);
    });
    this.draw();
  }

  get name(): string {
    return this.upload.name;
  }

  get sent(): Sent | undefined {
    const { progress } = this.upload;
    return progress.is === "done" ? progress.sent : undefined;
  }

  /** Returns what is to be sent of it, if it is there. */
  give(): Sent | undefined {
    const { sent } = this;
    if (sent && this.preview) {
      this.given = true;
      keepPreview(sent.ref, this.preview);
    }
    return sent;
  }

  drop(): void {
    this.upload.cancel();
    if (this.preview && !this.given) {
      URL.revokeObjectURL(this.preview);
    }
  }

  private draw(): void {
    const { progress } = this.upload;
    this.element.dataset["state"] = progress.is;
    this.bar.hidden = progress.is !== "running";
    this.again.hidden = progress.is !== "failed" || !progress.again;
    switch (progress.is) {
      case "running":
        this.bar.value = progress.share;
        this.state.textContent = `${Math.round(progress.share * 100)} %`;
        break;
      case "done":
        this.state.textContent = sizeText(progress.sent.size);
        break;
      case "failed":
        this.state.textContent = progress.why;
    }
  }
}
