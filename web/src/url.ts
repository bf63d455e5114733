const pages = ["http:", "https:"];
const links = [...pages, "mailto:", "tel:"];

/** Returns the address if a link may lead there, else "". */
export function linkUrl(text: string): string {
  return parsed(text, links);
}

/** Returns the address of a file or medium, else "". It may be relative to the service. */
export function mediaUrl(text: string, base: string): string {
  return parsed(text, pages, base);
}

/** Returns the address of an image, which may also hold its bytes, else "". */
export function imageUrl(text: string, base: string): string {
  return /^data:image\//i.test(text) ? text : mediaUrl(text, base);
}

function parsed(text: string, schemes: string[], base?: string): string {
  try {
    const url = new URL(text, base);
    return text && schemes.includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}
