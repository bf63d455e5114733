/** How a text is written, as in the API: "" is text to be shown as it is, "markdown" CommonMark. */
export type Format = "" | "markdown";

/** A stretch of text within a block. A string may have line breaks. */
export type Inline =
  | string
  | { is: "strong" | "em" | "del"; of: Inline[] }
  | { is: "code"; text: string }
  | { is: "link"; href: string; title?: string; of: Inline[] }
  | { is: "image"; src: string; alt: string }
  | { is: "command"; text: string }; // at the beginning of a line, such as /help

/** One entry of a list. One with a box is a task. */
export interface Item {
  checked?: boolean;
  of: Block[];
}

export type Align = "left" | "center" | "right" | null;

/** A block of text. A list that continues is more of the one before. */
export type Block =
  | { is: "paragraph" | "text"; of: Inline[] } // text has no space around it
  | { is: "heading"; level: number; of: Inline[] }
  | { is: "quote"; of: Block[] }
  | { is: "list"; start?: number; items: Item[]; continues?: true }
  | { is: "code"; language: string; text: string }
  | { is: "table"; align: Align[]; head: Inline[][]; rows: Inline[][][] }
  | { is: "rule" };

/** A block on the outermost level, and how much of the text it was made of. */
export interface Piece {
  length: number;
  block: Block;
}
