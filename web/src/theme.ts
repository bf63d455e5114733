import { fragment } from "./fragment.js";
import type { Store } from "./storage.js";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

/** Paints the page in the theme that the user chose before, or else the one asked for, or the system's. */
export function paint(store: Store): Theme {
  const wanted = store.get("theme") ?? fragment().get("theme");
  const theme = themes.find((t) => t === wanted) ?? "system";
  document.documentElement.dataset["theme"] = theme;
  return theme;
}

/** Lets a button go through the themes. */
export function switchThemes(button: HTMLButtonElement, store: Store): void {
  const tell = (theme: Theme) => {
    const label = `Theme: ${theme}`;
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  tell(paint(store));
  button.addEventListener("click", () => {
    const now = themes.indexOf(paint(store));
    store.set("theme", themes[(now + 1) % themes.length] as Theme);
    tell(paint(store));
  });
}
