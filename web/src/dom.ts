type Child = Node | string | null | undefined | false;

/** Attributes of an element: text, true for one without a value, false or undefined for none. */
export type Attributes = Record<string, string | boolean | undefined>;

/** Makes an element. Strings among the children become text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return made;
}

/** Makes a button that does something when it is pressed. */
export function button(attributes: Attributes, press: () => void, ...children: Child[]): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", press);
  return made;
}

export function setAttributes(of: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) {
      of.removeAttribute(name);
    } else {
      of.setAttribute(name, value === true ? "" : value);
    }
  }
}

/** Finds an element that index.html is known to have. */
export function known<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`index.html has no #${id}`);
  }
  return found as E;
}
