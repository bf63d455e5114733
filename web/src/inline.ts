import { linkUrl } from "./url.js";

/** A stretch of text within a line. */
export type Inline =
  | string
  | { is: "strong" | "em" | "del"; of: Inline[] }
  | { is: "code"; text: string }
  | { is: "link"; href: string; of: Inline[] }
  | { is: "command"; text: string } // at the beginning of a line, such as /help
  | { is: "break" };

interface Rule {
  pattern: RegExp;
  make(match: RegExpExecArray, depth: number): Inline | undefined;
}

const deepest = 8;

function wrapped(is: "strong" | "em" | "del"): Rule["make"] {
  return ([, text = ""], depth) => ({ is, of: inlines(text, depth + 1) });
}

function link([, text = "", address = ""]: RegExpExecArray, depth: number): Inline | undefined {
  const href = linkUrl(address);
  return href ? { is: "link", href, of: inlines(text, depth + 1) } : undefined;
}

function bareLink([address]: RegExpExecArray): Inline | undefined {
  const href = linkUrl(address);
  return href ? { is: "link", href, of: [address] } : undefined;
}

// Where two rules match at the same place, the first holds. The lengths are bounded, so
// that a text of a thousand asterisks takes no longer than another.
const rules: Rule[] = [
  { pattern: /(?<!`)`([^`\n]{1,500})`(?!`)/g, make: ([, text = ""]) => ({ is: "code", text }) },
  { pattern: /\[([^\][\n]{1,200})\]\(([^()\s]{1,2000})\)/g, make: link },
  { pattern: /\bhttps?:\/\/[^\s<>"`]{1,1990}[^\s<>"`.,:;!?'*_~)\]}]/g, make: bareLink },
  { pattern: /\*\*(?=\S)([^\n]{0,499}?\S)\*\*(?!\*)/g, make: wrapped("strong") },
  { pattern: /(?<![\w*])\*(?=[^\s*])([^*\n]{0,499}?[^\s*])\*(?![\w*])/g, make: wrapped("em") },
  { pattern: /(?<![\w_])_(?=[^\s_])([^_\n]{0,499}?[^\s_])_(?![\w_])/g, make: wrapped("em") },
  { pattern: /~~(?=\S)([^\n]{0,499}?\S)~~/g, make: wrapped("del") },
  { pattern: /(?<![^\n])\/[a-z][a-z0-9_-]{0,30}(?=\s|$)/g, make: ([text], depth) => (depth > 0 ? undefined : { is: "command", text }) },
  { pattern: /\n/g, make: () => ({ is: "break" }) },
];

/** Reads the Markdown within a paragraph: emphasis, code, links, line breaks. */
export function inlines(text: string, depth = 0): Inline[] {
  if (depth > deepest) {
    return [text];
  }
  const found: Inline[] = [];
  const matches = rules.map((rule) => next(rule, text, 0, depth));
  let at = 0;
  while (at < text.length) {
    const first = earliest(matches);
    if (!first) {
      break;
    }
    if (first.index > at) {
      found.push(text.slice(at, first.index));
    }
    found.push(first.made);
    at = first.end;
    matches.forEach((m, i) => {
      if (m && m.index < at) {
        matches[i] = next(rules[i] as Rule, text, at, depth);
      }
    });
  }
  return at < text.length ? [...found, text.slice(at)] : found;
}

interface Match {
  index: number;
  end: number;
  made: Inline;
}

function next({ pattern, make }: Rule, text: string, from: number, depth: number): Match | undefined {
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const end = pattern.lastIndex;
    const made = make(match, depth); // reads deeper, with the same pattern
    if (made !== undefined) {
      return { index: match.index, end, made };
    }
    pattern.lastIndex = end;
  }
  return undefined;
}

function earliest(matches: (Match | undefined)[]): Match | undefined {
  let first: Match | undefined;
  for (const match of matches) {
    if (match && (!first || match.index < first.index)) {
      first = match;
    }
  }
  return first;
}
