import { fragment } from "./fragment.js";
import type { Store } from "./storage.js";

/** The tokens of guarded channels, kept until the tab is closed. */
export class Tokens {
  constructor(private readonly store: Store) {}

  /** Returns the channel's token, or the one that came without a channel. */
  of(channel: string): string {
    return this.store.get(`token:${channel}`) ?? this.store.get("token:") ?? "";
  }

  keep(channel: string, token: string): void {
    this.store.set(`token:${channel}`, token);
  }
}

/** What a link to the page may say behind "#": channel=NAME&token=TOKEN. */
export interface Fragment {
  channel: string;
  token: string;
}

/** Reads the fragment and takes it out of the address, where others could read it. */
export function takeFragment(): Fragment {
  const fields = fragment();
  const [channel, token] = [fields.get("channel") ?? "", fields.get("token") ?? ""];
  if (fields.has("token")) {
    fields.delete("token");
    fields.delete("channel");
    const rest = fields.toString();
    history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
  }
  return { channel, token };
}
