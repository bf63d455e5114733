import { el } from "./dom.js";
import { imageUrl } from "./url.js";

/** Makes a link that leads out of the page, which tells the other side nothing of it. */
export function outward(href: string, attributes: { class?: string; title?: string }, ...children: (Node | string)[]): HTMLAnchorElement {
  return el("a", { ...attributes, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/**
 * Shows an image by its address, which is http, https or data:image as the page's
 * Content-Security-Policy allows, and a press opens. Any other address is undefined.
 */
export function pictureOf(address: string, alt: string, base: string): HTMLElement | undefined {
  const src = imageUrl(address, base);
  if (!src) {
    return undefined;
  }
  const img = el("img", { src, alt, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  const frame = el("span", { class: "picture" }, src.startsWith("data:") ? img : outward(src, { class: "outward" }, img));
  img.addEventListener("error", () => img.closest(".picture")?.replaceChildren(el("span", { class: "quiet" }, "The image could not be loaded.")));
  return frame;
}
