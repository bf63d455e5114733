import { fragment } from "./fragment.js";

/** Reports whether the page is in a frame of another, where the script has put it. */
export function isEmbedded(): boolean {
  return parent !== window && fragment().has("embed");
}

/** What the page in a frame and the script around it tell each other. */
export interface EmbedMessage {
  /** "ready" and "close" are the page's, "focus" is the script's. */
  manyvox: "ready" | "close" | "focus";
}

export function isMessage(data: unknown): data is EmbedMessage {
  return typeof data === "object" && data !== null && "manyvox" in data;
}

/** The settings of the script tag that are the page's: data-channel and so on. */
const passedOn = ["channel", "token", "theme"] as const;

/** Returns the address of the page for a script at source with these data attributes. */
export function embedding(source: string, data: Partial<Record<string, string>>): URL {
  const fields = new URLSearchParams({ embed: "" });
  for (const name of passedOn) {
    const value = data[name];
    if (value) {
      fields.set(name, value);
    }
  }
  const page = new URL("./", source);
  page.hash = fields.toString();
  return page;
}
