import { copier } from "./copier.js";
import { button, el } from "./dom.js";
import { laidOut } from "./json.js";

/** Shows the first piece of JSON, and a button for the next as long as there is one. */
export function jsonBody(title: string, json: string): Node[] {
  const pieces = laidOut(json);
  let next = pieces.next();
  const code = el("code");
  const show = () => {
    code.append(el("span", { class: "piece" }, next.value ?? ""));
    next = pieces.next();
    more.hidden = next.done === true;
  };
  const more = button({ class: "more" }, show, "Show more");
  show();
  return [
    el("pre", { tabindex: "0", role: "group", "aria-label": title }, code),
    el("div", { class: "folded-foot" }, more, copier(`Copy: ${title.toLowerCase()}`, () => json)),
  ];
}
