import { inlines, type Inline } from "./inline.js";

/** A block of text. Its source tells whether it has changed. */
export type Block = { source: string } & (
  | { is: "paragraph" | "heading"; of: Inline[] }
  | { is: "quote"; of: Block[] }
  | { is: "list"; start?: number; items: Inline[][] }
  | { is: "code"; text: string }
  | { is: "rule" }
);

const fence = /^ {0,3}(```+|~~~+)/;
const bullet = /^ {0,3}[-*+] +(?=\S)/;
const number = /^ {0,3}(\d{1,9})[.)] +(?=\S)/;
const heading = /^ {0,3}#{1,6} +(?=\S)/;
const quote = /^ {0,3}> ?/;
const rule = /^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/;

/** Reads a small part of Markdown. What is none of it, HTML above all, is text. */
export function blocks(text: string, depth = 0): Block[] {
  const lines = text.split("\n");
  const found: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const n = extent(lines, at);
    const taken = lines.slice(at, at + n);
    if (taken.some((line) => line.trim() !== "")) {
      found.push(block(taken, depth));
    }
    at += n;
  }
  return found;
}

/** Returns how many lines the block has that begins at a line. */
function extent(lines: string[], from: number): number {
  const first = lines[from] ?? "";
  const opened = fence.exec(first)?.[1];
  if (opened) {
    let to = from + 1;
    while (to < lines.length && lines[to]?.trim() !== opened) {
      to++;
    }
    return Math.min(to + 1, lines.length) - from;
  }
  if (heading.test(first) || rule.test(first) || first.trim() === "") {
    return 1;
  }
  let to = from + 1;
  while (to < lines.length && continues(first, lines[to] ?? "")) {
    to++;
  }
  return to - from;
}

function continues(first: string, line: string): boolean {
  if (line.trim() === "" || fence.test(line) || heading.test(line) || rule.test(line)) {
    return false;
  }
  const kind = kindOf(first);
  return kindOf(line) === kind || (kind === list && /^ {2,}\S/.test(line));
}

const list = "list";

function kindOf(line: string): string {
  if (quote.test(line)) {
    return "quote";
  }
  return bullet.test(line) || number.test(line) ? list : "text";
}

function block(lines: string[], depth: number): Block {
  const source = lines.join("\n");
  const first = lines[0] ?? "";
  if (fence.test(first)) {
    const closed = lines.length > 1 && fence.test(lines.at(-1) ?? "");
    return { source, is: "code", text: lines.slice(1, closed ? -1 : undefined).join("\n") };
  }
  if (rule.test(first)) {
    return { source, is: "rule" };
  }
  if (heading.test(first)) {
    return { source, is: "heading", of: inlines(first.replace(heading, "")) };
  }
  switch (kindOf(first)) {
    case "quote":
      return quoted(source, lines, depth);
    case list:
      return listed(source, lines);
  }
  return { source, is: "paragraph", of: inlines(source) };
}

function quoted(source: string, lines: string[], depth: number): Block {
  const inner = lines.map((line) => line.replace(quote, "")).join("\n");
  return depth < 4 ? { source, is: "quote", of: blocks(inner, depth + 1) } : { source, is: "paragraph", of: [inner] };
}

function listed(source: string, lines: string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    if (bullet.test(line) || number.test(line)) {
      items.push(line.replace(bullet, "").replace(number, ""));
    } else {
      items.push(`${items.pop() ?? ""}\n${line.trim()}`);
    }
  }
  const start = number.exec(lines[0] ?? "")?.[1];
  return { source, is: "list", items: items.map((item) => inlines(item)), ...(start !== undefined && { start: Number(start) }) };
}
