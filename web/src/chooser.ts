import { el } from "./dom.js";

/** Lets the user choose one of the channels. */
export class Chooser {
  constructor(
    private readonly select: HTMLSelectElement,
    chosen: (channel: string) => void,
  ) {
    select.addEventListener("change", () => chosen(select.value));
  }

  show(channels: string[], current: string): void {
    this.select.replaceChildren(...channels.map((name) => el("option", { value: name }, name)));
    this.select.disabled = channels.length === 0;
    (this.select.parentElement as HTMLElement).hidden = channels.length === 0;
    this.choose(current);
  }

  choose(channel: string): void {
    this.select.value = channel;
  }
}
