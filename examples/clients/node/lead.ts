// The matrix programs' half of the protocol in which they are led.
import { createInterface } from "node:readline";

/** What to do. */
export interface Command {
  do: "health" | "receive" | "stream" | "many" | "list" | "watch" | "subscribe";
  at: string;
  protocol: "connect" | "grpc" | "grpc-web";
  token: string;
  sender: string;
  text: string;
  message_id: string;
  metadata_json: string;
  after: string;
  timeout_ms: number;
  keepalive_ms: number;
  cancel_after: number;
  count: number;
  page_size: number;
  take: number;
  gzip: boolean;
  retry: boolean;
}

/** An error that was seen. */
export interface Failure {
  code: string;
  reason: string;
  field: string;
  retry_after: string;
}

/** What was seen. */
export class Result {
  events: { kind: string; text: string; json: string }[] = [];
  count = 0;
  cursor = "";
  error?: Failure;

  see(kind: string, text = "", json = ""): void {
    this.events.push({ kind, text, json });
  }
}

const nothing = {
  token: "", sender: "", text: "", message_id: "", metadata_json: "", after: "",
  timeout_ms: 0, keepalive_ms: 0, cancel_after: 0, count: 0, page_size: 0, take: 0, gzip: false, retry: false,
};

/** Answers each command by what a function does, and by the failure that it makes of an error. */
export async function run(
  act: (c: Command, r: Result) => Promise<void>,
  failure: (err: unknown) => Failure,
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const r = new Result();
    try {
      await act({ ...nothing, ...JSON.parse(line) } as Command, r);
    } catch (err) {
      r.error = failure(err);
    }
    process.stdout.write(`${JSON.stringify(r)}\n`);
  }
}

/** DEADLINE_EXCEEDED and DeadlineExceeded are deadline_exceeded. */
export function codeName(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}
