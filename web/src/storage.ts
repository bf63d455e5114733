/** Keeps texts by key, below a prefix. */
export interface Store {
  get(key: string): string | null;
  /** Reports whether there was room. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
  keys(): string[];
}

/** The page's part of a browser's storage. The path keeps two Manyvoxes of one origin apart. */
export class BrowserStore implements Store {
  readonly prefix: string;

  constructor(
    private readonly area: Storage,
    path: string,
  ) {
    this.prefix = `manyvox${path}:`;
  }

  get(key: string): string | null {
    return this.area.getItem(this.prefix + key);
  }

  set(key: string, value: string): boolean {
    try {
      this.area.setItem(this.prefix + key, value);
      return true;
    } catch {
      return false;
    }
  }

  remove(key: string): void {
    this.area.removeItem(this.prefix + key);
  }

  keys(): string[] {
    return Object.keys(this.area)
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => key.slice(this.prefix.length));
  }
}

/** Keeps until the page is left, where the browser allows nothing more. */
export class MemoryStore implements Store {
  private readonly kept = new Map<string, string>();

  get(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  set(key: string, value: string): boolean {
    this.kept.set(key, value);
    return true;
  }

  remove(key: string): void {
    this.kept.delete(key);
  }

  keys(): string[] {
    return [...this.kept.keys()];
  }
}

/** Opens localStorage or sessionStorage; a browser that forbids cookies has neither. */
export function openStore(name: "localStorage" | "sessionStorage", path: string): Store {
  try {
    return new BrowserStore(window[name], path);
  } catch {
    return new MemoryStore();
  }
}
