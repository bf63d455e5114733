import { sizeText } from "./size.js";

/** The most bytes of an upload, and the most of them in a message: the service's limits. */
export const largest = 5 * 1024 * 1024;
export const mostFiles = 32;

/** What a message says about a file that was uploaded. */
export interface Sent {
  readonly type: "image" | "audio" | "video" | "file";
  readonly ref: string;
  readonly mime: string;
  readonly name: string;
  readonly size: number;
}

/** How far an upload has come. */
export type Progress =
  | { is: "running"; share: number } // from 0 to 1
  | { is: "done"; sent: Sent }
  | { is: "failed"; why: string; again: boolean };

/** Where an upload goes. */
export interface Place {
  url: string;
  token: string;
}

/** A file on its way to the service, from start on. Changed is called whenever the progress has changed. */
export class Upload {
  progress: Progress = { is: "running", share: 0 };
  private request: XMLHttpRequest | undefined;

  constructor(
    readonly file: File,
    private readonly place: () => Place,
    private readonly changed: () => void,
  ) {}

  get name(): string {
    return this.file.name || "file";
  }

  /** Begins, or begins anew. */
  start(): void {
    if (this.file.size > largest) {
      return this.happen({ is: "failed", why: `It is larger than ${sizeText(largest)}.`, again: false });
    }
    const { url, token } = this.place();
    const request = new XMLHttpRequest(); // fetch tells nothing of how much is sent
    this.request = request;
    request.open("POST", `${url}&name=${encodeURIComponent(this.name)}`);
    request.setRequestHeader("Content-Type", this.file.type || "application/octet-stream");
    if (token) {
      request.setRequestHeader("Authorization", `Bearer ${token}`);
    }
    request.upload.addEventListener("progress", ({ loaded, total }) => this.happen({ is: "running", share: total ? loaded / total : 0 }));
    request.addEventListener("load", () => this.happen(this.outcome(request)));
    request.addEventListener("error", () => this.happen({ is: "failed", why: "The connection was lost.", again: true }));
    this.happen({ is: "running", share: 0 });
    request.send(this.file);
  }

  /** Ends it. Changed is not called any more. */
  cancel(): void {
    this.request?.abort();
    this.request = undefined;
  }

  private outcome({ status, responseText }: XMLHttpRequest): Progress {
    const answer = parsed(responseText);
    if (status === 200 && typeof answer.ref === "string") {
      const { type, size } = this.file;
      return { is: "done", sent: { type: kindOf(type), ref: answer.ref, mime: type, name: this.name, size } };
    }
    return { is: "failed", why: whyOf(status, answer.error?.message), again: status !== 413 && status !== 404 };
  }

  private happen(progress: Progress): void {
    if (this.request || progress.is === "failed") {
      this.progress = progress;
      this.changed();
    }
  }
}

interface Answer {
  ref?: unknown;
  error?: { message?: string };
}

function parsed(text: string): Answer {
  try {
    return (JSON.parse(text) as Answer | null) ?? {};
  } catch {
    return {};
  }
}

function whyOf(status: number, message: string | undefined): string {
  switch (status) {
    case 401:
    case 403:
      return "The channel asks for a token first.";
    case 404:
      return "This channel takes no files.";
    case 413:
      return "It is too large.";
    default:
      return message ?? "The service did not take it.";
  }
}

export function kindOf(mime: string): Sent["type"] {
  const [kind] = mime.split("/");
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}
