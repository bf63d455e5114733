import { el } from "./dom.js";
import { icon } from "./icon.js";
import { keptPreview } from "./preview.js";
import { sizeText } from "./size.js";
import { stamp } from "./stamp.js";
import type { Turn } from "./turn.js";
import type { Sent } from "./upload.js";

/** Shows what the user has said: the files, the text, the time. */
export function sentView(turn: Turn): Node[] {
  const text = turn.label ?? turn.text;
  const files = turn.files ?? [];
  const you = () => el("span", { class: "visually-hidden" }, "You: ");
  const time = el("div", { class: "meta said-meta" }, el("span", { class: "visually-hidden" }, "Sent at "), stamp(turn.at));
  return [
    ...(files.length > 0 ? [el("div", { class: "files" }, you(), ...files.map(file))] : []),
    ...(text || files.length === 0 ? [el("div", { class: "message said" }, you(), el("div", { class: "bubble", dir: "auto" }, text))] : []),
    time,
  ];
}

function file({ ref, name, size }: Sent): Node {
  const src = keptPreview(ref);
  if (src) {
    return el("img", { class: "sent-picture", src, alt: name, decoding: "async" });
  }
  return el(
    "div",
    { class: "sent-file" },
    el("span", { class: "upload-picture" }, icon("file")),
    el("span", { class: "upload-text" }, el("span", { class: "upload-name", dir: "auto" }, name), el("span", { class: "upload-state" }, sizeText(size))),
  );
}
