// Reads Markdown beside the page, which may end it at any time.
import type { Format } from "./block.js";
import { read } from "./markdown.js";

/** What the page asks. */
export interface Question {
  text: string;
  format: Format;
}

/** The pieces as JSON, so that the page sees at a glance which have changed; undefined when they cannot be had. */
export type Answer = string[] | undefined;

addEventListener("message", ({ data }: MessageEvent<Question>) => postMessage(answer(data)));

function answer({ text, format }: Question): Answer {
  try {
    return read(text, format).map((piece) => JSON.stringify(piece));
  } catch {
    return undefined; // nested too deep for the parser
  }
}

postMessage("ready");
