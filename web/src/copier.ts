import { button } from "./dom.js";
import { icon } from "./icon.js";

/** How long the button says that it has copied, in milliseconds. */
const shownFor = 2000;

/** Makes a button that copies a text. */
export function copier(label: string, text: () => string): HTMLButtonElement {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (copied: boolean | undefined) => {
    const says = copied === undefined ? label : copied ? "Copied" : "Could not copy";
    made.setAttribute("aria-label", says);
    made.title = says;
    made.replaceChildren(icon(copied ? "check" : "copy"));
  };
  const made = button({ class: "copier" }, () => {
    void copy(text()).then((copied) => {
      show(copied);
      clearTimeout(timer);
      timer = setTimeout(() => show(undefined), shownFor);
    });
  });
  show(undefined);
  return made;
}

/** Copies a text, and reports whether it could. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // a page without TLS, or in a frame that may not
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) {
    before.focus({ preventScroll: true });
  }
  return copied;
}
