import { el } from "./dom.js";

/** Returns the time of something, shown while it is pointed at and always told to a screen reader. */
export function stamp(at: number): HTMLTimeElement {
  const time = new Date(at);
  const short = time.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  return el("time", { class: "stamp", datetime: time.toISOString(), title: time.toLocaleString() }, short);
}
