/** The deepest indent, in levels. What is nested deeper stands below it all the same. */
const deepest = 20;

/** How much is laid out at a time: as many lines, or characters, whichever comes first. */
const mostLines = 200;
const mostCharacters = 8000;

/**
 * Lays JSON text out over lines, piece for piece, each when it is asked for. Numbers beyond
 * a double and the order of keys stay as they are. What is no JSON comes as it is.
 */
export function* laidOut(text: string): Generator<string> {
  let piece = "";
  let lines = 0;
  for (const part of isJson(text) ? parts(text) : slices(text)) {
    piece += part;
    lines += part.startsWith("\n") ? 1 : 0;
    if (lines >= mostLines || piece.length >= mostCharacters) {
      yield piece;
      piece = "";
      lines = 0;
    }
  }
  if (piece) {
    yield piece;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Cuts what may be long. */
function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += mostCharacters) {
    yield text.slice(at, at + mostCharacters);
  }
}

/** The tokens and the new lines between them. */
function* parts(text: string): Generator<string> {
  let depth = 0;
  let opened = false; // the token before opened an object or list
  const line = () => `\n${"  ".repeat(Math.min(depth, deepest))}`;
  for (const token of tokens(text)) {
    const closes = token === "}" || token === "]";
    if (closes) {
      depth--;
    }
    if (opened !== closes) {
      yield line(); // but not within {}
    }
    opened = token === "{" || token === "[";
    if (opened) {
      depth++;
    }
    yield* slices(token);
    if (token === ",") {
      yield line();
    } else if (token === ":") {
      yield " ";
    }
  }
}

/** The tokens of JSON: strings, punctuation, and numbers and words. */
function* tokens(text: string): Generator<string> {
  const rest = /[{}[\],:]|[^\s"{}[\],:]+/y;
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') {
      const end = endOfString(text, at);
      yield text.slice(at, end);
      at = end;
      continue;
    }
    rest.lastIndex = at;
    const [token] = rest.exec(text) ?? [];
    if (token) {
      yield token;
    }
    at += token?.length ?? 1;
  }
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") {
      at++;
    } else if (text[at] === '"') {
      return at + 1;
    }
  }
  return text.length;
}
