import type { JsonValue } from "@bufbuild/protobuf";
import type { Failure } from "./failure.js";

/** What came over the wire for one attempt at a turn, and when. */
export class Trace {
  readonly events: { at: number; raw: JsonValue }[] = [];
  /** How long the attempt took, in milliseconds; undefined while it runs. */
  took?: number;
  failure?: Failure;
  private readonly began = performance.now();

  constructor(
    readonly request: Record<string, string>,
    readonly attempt: number,
  ) {}

  add(raw: JsonValue): void {
    this.events.push({ at: this.elapsed(), raw });
  }

  end(failure?: Failure): void {
    this.took = this.elapsed();
    if (failure) {
      this.failure = failure;
    }
  }

  private elapsed(): number {
    return performance.now() - this.began;
  }
}
