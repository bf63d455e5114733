import type { JsonValue } from "@bufbuild/protobuf";
import { mediaUrl, imageUrl } from "./url.js";

/** A file or medium that the assistant gave. */
export interface Attachment {
  is: "image" | "audio" | "video" | "file";
  url: string;
  name: string;
}

type Fields = Record<string, JsonValue>;

/**
 * Reads an attachment, which is an address, Rasa's {type, payload: {src}} or an object
 * with url or src. What is none of these is undefined.
 */
export function attachmentOf(value: JsonValue, base: string): Attachment | undefined {
  const fields: Fields = typeof value === "string" ? { url: value } : isFields(value) ? value : {};
  const payload = isFields(fields["payload"]) ? fields["payload"] : {};
  const find = (...keys: string[]) =>
    keys.flatMap((key) => [payload[key], fields[key]]).find((v): v is string => typeof v === "string" && v !== "") ?? "";
  const address = find("src", "url", "href");
  const is = kindOf(`${find("mime", "mime_type", "content_type")} ${find("type")}`, address);
  const url = is === "image" ? imageUrl(address, base) : mediaUrl(address, base);
  return url ? { is, url, name: find("name", "title", "filename") || nameOf(url) } : undefined;
}

function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(told: string, address: string): Attachment["is"] {
  for (const kind of ["image", "audio", "video"] as const) {
    if (told.includes(kind)) {
      return kind;
    }
  }
  if (told.trim() !== "") {
    return "file";
  }
  return /\.(png|jpe?g|gif|webp|avif|svg)(\?|$)/i.test(address) ? "image" : "file";
}

function nameOf(url: string): string {
  if (url.startsWith("data:")) {
    return "Image";
  }
  const { hostname, pathname } = new URL(url);
  const last = pathname.split("/").pop() ?? "";
  try {
    return decodeURIComponent(last) || hostname;
  } catch {
    return last || hostname;
  }
}
