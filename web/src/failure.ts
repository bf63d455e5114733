import { Code, ConnectError } from "@connectrpc/connect";

/** What is to be done about a failure. */
export type Remedy =
  | "wait" // ask again by itself, after a while
  | "token" // ask for the token, then again
  | "retry" // ask again, with the same message_id, when the user says so
  | "anew" // this message is over; the user may send it as a new one
  | "none";

/** A failure in plain words. */
export interface Failure {
  /** A Connect code, or "lost" when the answer broke off on its way. */
  code: string;
  title: string;
  /** What the service said. */
  detail: string;
  remedy: Remedy;
  /** How long the service asks to wait, in milliseconds; 0 when it does not say. */
  wait: number;
}

type Words = [title: string, remedy: Remedy];

const words: Partial<Record<Code, Words>> = {
  [Code.Unauthenticated]: ["This channel asks for a token.", "token"],
  [Code.PermissionDenied]: ["The token does not open this channel.", "token"],
  [Code.NotFound]: ["This channel does not exist any more.", "retry"],
  [Code.FailedPrecondition]: ["This channel cannot be used from this page.", "none"],
  [Code.InvalidArgument]: ["The message was not accepted.", "none"],
  [Code.ResourceExhausted]: ["The message is over a limit.", "retry"],
  [Code.Unavailable]: ["The assistant cannot be reached right now.", "wait"],
  [Code.DeadlineExceeded]: ["The answer is taking too long.", "retry"],
  [Code.Unknown]: ["The assistant could not answer.", "anew"],
  [Code.Aborted]: ["This answer was interrupted.", "anew"],
  [Code.AlreadyExists]: ["This message was sent before, with another text.", "anew"],
};

/** Says what an error means. shown tells whether a part of the answer was there before. */
export function failureOf(reason: unknown, shown: boolean): Failure {
  const err = ConnectError.from(reason);
  if (isLost(err)) {
    return { code: "lost", title: "The connection was lost.", detail: "", remedy: "wait", wait: 0 };
  }
  const [title, remedy] = words[err.code] ?? ["Something went wrong.", "retry"];
  const failure: Failure = { code: codeName(err.code), title, detail: err.rawMessage, remedy, wait: waitOf(err) };
  if (err.code === Code.ResourceExhausted && failure.wait > 0) {
    return { ...failure, title: "The service is busy.", remedy: "wait" };
  }
  // The program that comes next runs the turn again, as long as nothing was shown.
  if (err.code === Code.Aborted && !shown && reasonOf(err) === "PROGRAM_ENDED") {
    return { ...failure, remedy: "wait" };
  }
  // A turn that the assistant has seen is never run again under its id.
  if (err.code === Code.Unknown && shown) {
    return { ...failure, title: "The assistant stopped in the middle of its answer." };
  }
  return failure;
}

/** An error that the service sent has no cause; one that the browser made has. */
function isLost(err: ConnectError): boolean {
  return err.cause !== undefined || err.code === Code.Canceled || err.rawMessage === "premature end of stream";
}

/** The reason in the error's google.rpc.ErrorInfo, whose first field it is. */
function reasonOf(err: ConnectError): string {
  for (const detail of err.details) {
    if ("type" in detail && detail.type === "google.rpc.ErrorInfo" && detail.value[0] === 0x0a) {
      return new TextDecoder().decode(detail.value.subarray(2, 2 + (detail.value[1] ?? 0)));
    }
  }
  return "";
}

function waitOf(err: ConnectError): number {
  const seconds = Number(err.metadata.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function codeName(code: Code): string {
  return (Code[code] ?? "Unknown").replace(/(?!^)[A-Z]/g, (c) => `_${c}`).toLowerCase();
}
