import { button } from "./dom.js";

/** Makes a command that a line begins with, which a press sends, as in Telegram. */
export function commandButton(text: string, send: (text: string) => void): HTMLElement {
  const made = button({ class: "command" }, () => send(made.textContent ?? ""), text);
  return made;
}
