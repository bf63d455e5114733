/**
 * Lays JSON text out over lines. Numbers beyond a double and the order of keys stay as
 * they are. What is no JSON comes back as it is.
 */
export function indent(text: string): string {
  return isJson(text) ? laidOut(text) : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function laidOut(text: string): string {
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(Math.max(depth, 0))}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{[]\s*[}\]]|[^\s"{}[\],:]+|[{}[\],:]/g)) {
    switch (token) {
      case "{":
      case "[":
        depth++;
        out += token + line();
        break;
      case "}":
      case "]":
        depth--;
        out += line() + token;
        break;
      case ",":
        out += token + line();
        break;
      case ":":
        out += ": ";
        break;
      default:
        out += token;
    }
  }
  return out;
}
