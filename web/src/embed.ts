// The script that puts the chat page into any other page, as docs/embed.md tells. It runs
// there, so it shares nothing with the page: no name, no style, no storage.
import { Widget } from "./widget.js";

const script = document.currentScript;

if (script instanceof HTMLScriptElement) {
  const begin = () => document.body.append(new Widget(script.src, script.dataset).element);
  if (document.body) {
    begin();
  } else {
    addEventListener("DOMContentLoaded", begin);
  }
}
