import { Lexer, Tokenizer, type MarkedOptions, type Token, type Tokens } from "marked";
import type { Block, Format, Inline, Item, Piece } from "./block.js";
import { decoded } from "./entity.js";
import { plain, withCommands } from "./plain.js";
import { linkUrl } from "./url.js";

/**
 * The most elements that a text becomes, and one block of it, which the browser lays out at
 * once. What is beyond them is plain.
 */
const mostElements = 4000;
const mostOfBlock = 500;

/** What an outermost block costs more, in elements: the browser looks at each, even out of view. */
const outermost = 3;

/** A block with more lines is plain, so that it need not be laid out at once. */
const mostLines = 5000;

/** A longer list is cut into several. */
const mostItems = 100;

/** A table with more cells is shown as its source. */
const mostCells = 1000;

/** What is nested deeper is plain. */
const deepest = 12;

/**
 * Reads Markdown: CommonMark with the tables, task lists, strikethrough and bare links of
 * GitHub. HTML stays text. It runs in a worker, since what a stranger writes can take long.
 * The lengths of the pieces add up to the text, or are all 0.
 */
export function read(text: string, format: Format): Piece[] {
  const options: MarkedOptions = { gfm: true, tokenizer: format === "markdown" ? new TextualHtml() : new Careful() };
  const tokens = new Lexer(options).lex(text);
  const pieces = new Reading(format).pieces(tokens);
  const whole = tokens.reduce((sum, { raw }) => sum + raw.length, 0) === text.length;
  return whole ? pieces : pieces.map(({ block }) => ({ length: 0, block }));
}

/** Leaves HTML to be text. */
class TextualHtml extends Tokenizer {
  override html(): undefined {}
  override tag(): undefined {}
}

/**
 * Reads a text that was not said to be Markdown. Many assistants write it all the same, but
 * what may as well be meant as it stands is text: indents, lines of dashes below a text,
 * backslashes, 2*3*4.
 */
class Careful extends TextualHtml {
  override code(): undefined {}
  override lheading(): undefined {}
  override def(): undefined {}
  override escape(): undefined {}
  override br(): undefined {}

  override emStrong(src: string, masked: string, before = ""): Tokens.Em | Tokens.Strong | undefined {
    const token = super.emStrong(src, masked, before);
    const within = token?.type === "em" && (/\w/.test(before) || /\w/.test(src.charAt(token.raw.length)));
    return within ? undefined : token;
  }

  override del(src: string, masked: string, before = ""): Tokens.Del | undefined {
    return src.startsWith("~~") ? super.del(src, masked, before) : undefined;
  }
}

/** Makes blocks of the tokens of one text. */
class Reading {
  private left = mostElements;
  private leftOfBlock = 0;

  constructor(private readonly format: Format) {}

  pieces(tokens: Token[]): Piece[] {
    const found: Piece[] = [];
    let skipped = 0; // of the text before the first block
    for (const [i, token] of tokens.entries()) {
      if (this.left <= 0) {
        return [...found, ...plain(tokens.slice(i).map(({ raw }) => raw).join(""))];
      }
      const made = token.type === "list" ? this.lists(token as Tokens.List) : this.piece(token);
      found.push(...made);
      const neighbour = made[0] ?? found.at(-1);
      if (!neighbour) {
        skipped += token.raw.length;
      } else if (made.length === 0) {
        neighbour.length += token.raw.length;
      } else {
        neighbour.length += skipped;
        skipped = 0;
      }
    }
    return found;
  }

  private piece(token: Token): Piece[] {
    if (linesOf(token) > mostLines) {
      return plain(token.raw);
    }
    this.left -= outermost;
    this.leftOfBlock = mostOfBlock;
    const block = this.block(token, 0);
    return block ? [{ length: token.raw.length, block }] : [];
  }

  /** Makes pieces of a list, which the page shows one after the other. */
  private lists(list: Tokens.List): Piece[] {
    const found: Piece[] = [];
    let rest = list.raw;
    for (let i = 0; i < list.items.length; i += mostItems) {
      if (this.left <= 0) {
        return [...found, ...plain(rest)];
      }
      const items = list.items.slice(i, i + mostItems);
      const whole = i + mostItems >= list.items.length;
      const raw = whole ? rest : items.map((item) => item.raw).join("");
      rest = rest.slice(raw.length);
      const start = list.start === "" ? "" : list.start + i;
      found.push(...this.piece({ ...list, items, raw, start }).map((piece) => (i > 0 ? continued(piece) : piece)));
    }
    return found;
  }

  /** Counts elements that are made, and reports whether there may be so many. */
  private spend(n: number): boolean {
    this.left -= n;
    this.leftOfBlock -= n;
    return this.left >= 0 && this.leftOfBlock >= 0;
  }

  private block(token: Token, depth: number): Block | undefined {
    if (depth > deepest || !this.spend(token.type === "code" ? 10 : 1)) {
      return { is: "paragraph", of: [token.raw.trimEnd()] };
    }
    switch (token.type) {
      case "space":
      case "def":
      case "checkbox":
        return undefined;
      case "hr":
        return { is: "rule" };
      case "heading":
        return { is: "heading", level: token["depth"], of: this.line(token) };
      case "code":
        return codeOf(token as Tokens.Code);
      case "blockquote":
        return { is: "quote", of: this.blocks(token.tokens, depth + 1) };
      case "list":
        return this.list(token as Tokens.List, depth);
      case "table":
        return this.table(token as Tokens.Table);
      default:
        return { is: token.type === "text" ? "text" : "paragraph", of: this.line(token) };
    }
  }

  private blocks(tokens: Token[] | undefined, depth: number): Block[] {
    return (tokens ?? []).flatMap((token) => this.block(token, depth) ?? []);
  }

  private list({ ordered, start, items }: Tokens.List, depth: number): Block {
    const made = items.map((item): Item => ({
      ...(this.spend(1) && item.task && { checked: item.checked === true }),
      of: this.blocks(item.tokens, depth + 1),
    }));
    return { is: "list", ...(ordered && { start: Number(start) }), items: made };
  }

  private table({ header, align, rows, raw }: Tokens.Table): Block {
    const size = header.length * (rows.length + 1);
    if (size > mostCells) {
      return { is: "code", language: "", text: raw.trimEnd() };
    }
    const cells = (row: Tokens.TableCell[]) => row.map(({ tokens }) => this.inlines(tokens, 1));
    this.left -= size + rows.length;
    return { is: "table", align, head: cells(header), rows: rows.map(cells) };
  }

  private line(token: Token): Inline[] {
    const { tokens } = token as { tokens?: Token[] };
    return withCommands(tokens ? this.inlines(tokens, 1) : [token.raw]);
  }

  private inlines(tokens: Token[], depth: number): Inline[] {
    const found: Inline[] = [];
    for (const token of tokens) {
      const made = this.inline(token, depth);
      const last = found.at(-1);
      if (typeof made === "string" && typeof last === "string") {
        found[found.length - 1] = last + made;
      } else if (made !== "") {
        found.push(made);
      }
    }
    return found;
  }

  private inline(token: Token, depth: number): Inline {
    switch (token.type) {
      case "text":
        return this.text(token["text"]);
      case "escape":
        return token["text"];
      case "br":
        return "\n";
      case "checkbox":
        return "";
    }
    return depth > deepest || !this.spend(1) ? token.raw : this.element(token, depth);
  }

  private element(token: Token, depth: number): Inline {
    switch (token.type) {
      case "codespan":
        return { is: "code", text: token["text"] };
      case "strong":
      case "em":
      case "del":
        return { is: token.type, of: this.inlines(token.tokens ?? [], depth + 1) };
      case "link": {
        const href = linkUrl(this.text(token["href"]));
        const title = token["title"] as string | null | undefined;
        return href ? { is: "link", href, ...(title && { title }), of: this.inlines(token.tokens ?? [], depth + 1) } : token.raw;
      }
      case "image":
        return { is: "image", src: this.text(token["href"]), alt: token["text"] };
      default:
        return token.raw;
    }
  }

  /** Text of CommonMark may have entities. */
  private text(text: string): string {
    return this.format === "markdown" ? decoded(text) : text;
  }
}

function linesOf({ raw }: Token): number {
  let n = 0;
  for (let at = raw.indexOf("\n"); at >= 0; at = raw.indexOf("\n", at + 1)) {
    n++;
  }
  return n;
}

function continued({ length, block }: Piece): Piece {
  return { length, block: block.is === "list" ? { ...block, continues: true } : block };
}

function codeOf({ lang = "", text }: Tokens.Code): Block {
  return { is: "code", language: /^\S*/.exec(lang)?.[0] ?? "", text };
}
