import { el } from "./dom.js";
import { library } from "./library.js";

/**
 * Shows JSON behind its title and first characters. It is laid out when it is opened, and
 * then a piece at a time.
 */
export function jsonView(title: string, json: string): HTMLElement {
  const summary = el("summary", {}, title, " ", el("code", { class: "glimpse" }, json.slice(0, 120)));
  const details = el("details", { class: "folded" }, summary);
  const open = async () => {
    const rich = await library.load(); // without it, it is asked for when it is opened again
    if (rich && details.childElementCount === 1) {
      details.append(...rich.jsonBody(title, json));
    }
  };
  details.addEventListener("toggle", () => details.open && void open());
  return details;
}
