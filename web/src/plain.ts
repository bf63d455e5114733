import type { Block, Format, Inline, Piece } from "./block.js";

/** The longest text of one element, in characters. The browser lays out one in a few milliseconds. */
const longest = 8000;

/** The most lines of one element. */
const mostLines = 200;

/** With more paragraphs, those that follow share elements. */
const mostParagraphs = 300;

/** What any Markdown has. A text without it is plain. */
const signs = /[*_`#>~|[\]<\\&@]|https?:|www\.|^[ \t]*(?:[-+]|\d{1,9}[.)])(?:[ \t]|$)|^[ \t]*-{3}/m;

/** What only CommonMark has: code by its indent, headings by the line below. */
const more = /^(?: {4}| {0,3}\t)|^ {0,3}[=-]+[ \t]*$/m;

/** Reports whether a text may hold Markdown, so that it is worth reading. */
export function mayBeMarkdown(text: string, format: Format): boolean {
  return signs.test(text) || (format === "markdown" && more.test(text));
}

/** Makes paragraphs of a text that is to be shown as it is. Their lengths add up to the text. */
export function plain(text: string): Piece[] {
  const found: Piece[] = [];
  let skipped = 0; // white space before the first
  for (let at = 0, length = 0; at < text.length; at += length) {
    length = extent(text, at, found.length < mostParagraphs);
    const part = text.slice(at, at + length).replace(/^(?:[ \t]*\n)+/, "").trimEnd();
    const last = found.at(-1);
    if (part) {
      const block: Block = { is: "paragraph", of: withCommands([part]) };
      found.push({ length: skipped + length, block });
      skipped = 0;
    } else if (last) {
      last.length += length;
    } else {
      skipped += length;
    }
  }
  return found;
}

/** Returns how long the paragraph is that begins at a place, with the blank line that may end it. */
function extent(text: string, from: number, alone: boolean): number {
  let line = from;
  for (let n = 0; n < mostLines && line < text.length; n++) {
    const end = text.indexOf("\n", line) + 1 || text.length;
    if (end - from > longest) {
      return n > 0 ? line - from : cut(text, from);
    }
    if (alone && n > 0 && text.slice(line, end).trim() === "") {
      return end - from;
    }
    line = end;
  }
  return line - from;
}

/** Cuts a line that is too long, at a space if it has one. */
function cut(text: string, from: number): number {
  const space = text.lastIndexOf(" ", from + longest) - from + 1;
  const length = space > longest / 2 ? space : longest;
  const last = text.charCodeAt(from + length - 1);
  return last >= 0xd800 && last < 0xdc00 ? length - 1 : length; // not within a character
}

const command = /(^|\n)(\/[a-z][a-z0-9_-]{0,30})(?=\s|$)/g;

/** Finds the commands that lines begin with. */
export function withCommands(of: Inline[]): Inline[] {
  return of.flatMap((inline, i) => (typeof inline === "string" ? split(inline, i === 0, i === of.length - 1) : [inline]));
}

function split(text: string, first: boolean, last: boolean): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const { index, 0: match, 1: before = "", 2: name = "" } of text.matchAll(command)) {
    const end = index + match.length;
    if ((before === "" && !first) || (end === text.length && !last)) {
      continue; // not at the beginning of a line, or the word goes on
    }
    found.push(text.slice(at, index) + before, { is: "command", text: name });
    at = end;
  }
  return [...found, text.slice(at)].filter((inline) => inline !== "");
}
