/**
 * Makes what is shown like a fresh node, and returns what stands there then. Elements and
 * texts that are alike stay, so that a selection, the focus and the place one has scrolled
 * to outlast a text that grows.
 */
export function morph(shown: ChildNode, fresh: ChildNode): ChildNode {
  if (shown instanceof Text && fresh instanceof Text) {
    retext(shown, fresh.data);
    return shown;
  }
  if (shown instanceof HTMLElement && fresh instanceof HTMLElement && alike(shown, fresh)) {
    likeAttributes(shown, fresh);
    morphChildren(shown, fresh);
    return shown;
  }
  shown.replaceWith(fresh);
  return fresh;
}

/** An image is loaded again where its address changes. */
function alike(shown: HTMLElement, fresh: HTMLElement): boolean {
  return shown.tagName === fresh.tagName && shown.getAttribute("src") === fresh.getAttribute("src");
}

function morphChildren(shown: HTMLElement, fresh: HTMLElement): void {
  const old = [...shown.childNodes];
  const wanted = [...fresh.childNodes]; // morph takes them away
  wanted.forEach((child, i) => {
    const there = old[i];
    if (there) {
      morph(there, child);
    } else {
      shown.append(child);
    }
  });
  old.slice(wanted.length).forEach((left) => left.remove());
}

/** A text that has grown is not replaced, which keeps what is selected of it. */
function retext(shown: Text, data: string): void {
  if (data.startsWith(shown.data)) {
    if (data.length > shown.length) {
      shown.appendData(data.slice(shown.length));
    }
  } else {
    shown.data = data;
  }
}

function likeAttributes(shown: HTMLElement, fresh: HTMLElement): void {
  for (const name of shown.getAttributeNames()) {
    if (!fresh.hasAttribute(name)) {
      shown.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (shown.getAttribute(name) !== value) {
      shown.setAttribute(name, value);
    }
  }
}
