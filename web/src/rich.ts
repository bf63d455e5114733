// What the page loads with the first reply that needs it.
export { jsonBody } from "./jsonbody.js";
export { MarkdownProse } from "./markdownprose.js";
