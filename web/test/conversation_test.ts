import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Archive } from "../src/archive.js";
import { Conversation, type Asker } from "../src/conversation.js";
import { failureOf } from "../src/failure.js";
import { MemoryStore, type Store } from "../src/storage.js";
import type { Trace } from "../src/trace.js";
import type { Turn, TurnEvent } from "../src/turn.js";

/** Plays what a service does, call by call; the last is played for all that follow. */
class Stage implements Asker {
  readonly online = true;
  readonly ids: string[] = [];

  /** What was stopped, and what each stop finds; the last is found by all that follow. */
  readonly stopped: string[] = [];
  finds = [true];
  /** Ends the call under way, which the last step "wait" waits for. */
  private end = () => {};

  constructor(private readonly calls: (TurnEvent | Error | "wait")[][]) {}

  async *ask(_channel: string, _sender: string, turn: Turn, _trace: Trace, signal: AbortSignal): AsyncGenerator<TurnEvent> {
    this.ids.push(turn.id);
    const call = this.calls.length > 1 ? this.calls.shift() : this.calls[0];
    for (const step of call ?? []) {
      if (step instanceof Error) {
        throw step;
      }
      if (step === "wait") {
        await new Promise<void>((resolve) => {
          this.end = resolve;
          signal.addEventListener("abort", () => resolve());
        });
        throw new ConnectError("the turn was stopped", Code.Canceled);
      }
      yield step;
    }
  }

  async stop(_channel: string, _sender: string, id: string): Promise<boolean> {
    this.stopped.push(id);
    const found = (this.finds.length > 1 ? this.finds.shift() : this.finds[0]) ?? false;
    if (found) {
      this.end();
    }
    return found;
  }
}

const hello: TurnEvent = { is: "reply", reply: { id: "1", text: "hello" } };

function open(asker: Asker, store: Store = new MemoryStore()): { conversation: Conversation; until(want: (turns: Turn[]) => boolean): Promise<Turn[]> } {
  let changed = () => {};
  const conversation = new Conversation("rest", new Archive(store, "rest"), asker, { turnChanged: () => changed(), traced: () => {} });
  const until = (want: (turns: Turn[]) => boolean) =>
    new Promise<Turn[]>((resolve) => {
      changed = () => want(conversation.all()) && resolve(conversation.all());
      changed();
    });
  return { conversation, until };
}

const over = (turns: Turn[]) => turns.length > 0 && turns.every((t) => t.state !== "open");

test("messages are asked one at a time, in order, each once", async () => {
  const stage = new Stage([[hello]]);
  const { conversation, until } = open(stage);
  ["a", "b", "c"].forEach((text) => conversation.send(text));
  const turns = await until((all) => all.length === 3 && over(all));
  assert.deepEqual(stage.ids, turns.map((t) => t.id));
  assert.equal(new Set(stage.ids).size, 3);
});

test("a lost connection is tried again with the same id", async () => {
  const stage = new Stage([[hello, ConnectError.from(new TypeError("network error"))], [hello]]);
  const { conversation, until } = open(stage);
  conversation.send("a");
  const [turn] = await until(over);
  assert.equal(turn?.state, "done");
  assert.equal(turn?.replies.length, 1);
  assert.equal(stage.ids[0], stage.ids[1]);
});

test("a failure waits for the user, and what was written later does not", async () => {
  const stage = new Stage([[new ConnectError("no", Code.Unknown)], [hello]]);
  const { conversation, until } = open(stage);
  conversation.send("a");
  conversation.send("b");
  const turns = await until((all) => all.length === 2 && over(all));
  assert.deepEqual(turns.map((t) => t.state), ["failed", "done"]);
  conversation.retry(turns[0]?.id ?? "");
  await until((all) => all.every((t) => t.state === "done"));
  assert.equal(stage.ids[2], stage.ids[0]);
});

test("a missing token holds the line until it is there or given up", async () => {
  const stage = new Stage([[new ConnectError("a token is needed", Code.Unauthenticated)], [new ConnectError("wrong", Code.Unauthenticated)], [hello]]);
  const { conversation, until } = open(stage);
  conversation.send("a");
  await until(([turn]) => turn?.phase?.is === "token");
  conversation.resume();
  await until(([turn]) => turn?.phase?.is === "token" && stage.ids.length === 2);
  conversation.giveUp();
  await until(over);
  conversation.retry(stage.ids[0] ?? "");
  assert.equal((await until(over))[0]?.state, "done");
});

test("a turn that had its place and showed nothing is no answer in the middle", async () => {
  const asker: Asker = {
    online: true,
    async *ask(_channel, _sender, _turn, trace) {
      trace.add({ started: {} });
      throw new ConnectError("no", Code.Unknown);
    },
    stop: async () => false,
  };
  const { conversation, until } = open(asker);
  conversation.send("a");
  assert.equal((await until(over))[0]?.failure?.title, "The assistant could not answer.");
});

test("Edge08_21 a turn that is stopped keeps what it has shown, and the next follows", async () => {
  const stage = new Stage([[hello, "wait"], [hello]]);
  const { conversation, until } = open(stage);
  conversation.send("a");
  conversation.send("b");
  await until(([turn]) => turn?.replies.length === 1);
  conversation.stop();
  conversation.stop();
  const turns = await until((all) => all.length === 2 && over(all));
  assert.deepEqual(turns.map((t) => [t.state, t.stopped, t.replies.length]), [["done", true, 1], ["done", undefined, 1]]);
  assert.deepEqual(stage.stopped, [turns[0]?.id]);
  assert.equal(stage.ids.length, 2);
});

test("Edge08_21 a turn that is not found yet is stopped again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const stage = new Stage([[hello, "wait"]]);
  stage.finds = [false, true];
  const { conversation, until } = open(stage);
  conversation.send("a");
  await until(([turn]) => turn?.replies.length === 1);
  conversation.stop();
  await settled();
  t.mock.timers.tick(1000);
  const [turn] = await until(over);
  assert.deepEqual([turn?.stopped, stage.stopped.length], [true, 2]);
});

test("Edge08_21 the user does not wait for a service that does not stop", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const stage = new Stage([[hello, "wait"]]);
  stage.finds = [false];
  const { conversation, until } = open(stage);
  conversation.send("a");
  await until(([turn]) => turn?.replies.length === 1);
  conversation.stop();
  for (let n = 0; n < 10; n++) {
    await settled();
    t.mock.timers.tick(700);
  }
  const [turn] = await until(over);
  assert.deepEqual([turn?.stopped, stage.stopped.length], [true, 3]);
});

test("Edge08_21 a turn that waits for the connection is stopped at once, and one that is complete was answered", async () => {
  const stage = new Stage([[ConnectError.from(new TypeError("network error"))], [hello]]);
  const { conversation, until } = open(stage);
  conversation.send("a");
  await until(([turn]) => turn?.phase?.is === "pause");
  conversation.stop();
  const [turn] = await until(over);
  assert.deepEqual([turn?.state, turn?.stopped, stage.stopped.length], ["done", true, 1]);
  assert.equal(conversation.answering, undefined);
  conversation.stop();
  assert.equal(stage.stopped.length, 1);
});

/** Waits until all is done that need not wait for a timer. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test("what was open when the page was left is asked again", async () => {
  const store = new MemoryStore();
  const never: Asker = { online: true, async *ask() { yield hello; await new Promise(() => {}); }, stop: async () => false };
  const first = open(never, store);
  first.conversation.send("a");
  await first.until(([turn]) => turn?.replies.length === 1);
  first.conversation.flush();
  const stage = new Stage([[hello]]);
  const second = open(stage, store);
  assert.equal(second.conversation.sender, first.conversation.sender);
  second.conversation.resume();
  const [turn] = await second.until(over);
  assert.deepEqual([turn?.state, turn?.id], ["done", first.conversation.all()[0]?.id]);
});

test("a full store lets the oldest go", () => {
  const store = new MemoryStore();
  const set = store.set.bind(store);
  store.set = (key, value) => (store.get(key) !== null || store.keys().length < 30) && set(key, value);
  const archive = new Archive(store, "rest");
  for (let at = 0; at < 100; at++) {
    archive.keep({ id: `m${at}`, at, text: "a", state: "done", replies: [] });
  }
  assert.ok(archive.turns().length >= 10);
  assert.equal(archive.turns().at(-1)?.id, "m99");
});

test("Edge08_21 what is said outside a turn is kept, and what a turn has said is not shown twice", async () => {
  const store = new MemoryStore();
  const { conversation, until } = open(new Stage([[hello]]), store);
  conversation.send("hi");
  const [turn] = await until(over);
  conversation.hear(turn?.id ?? "", 5, [{ id: "", text: "hello" }]);
  conversation.hear("news", 6, [{ id: "", text: "one" }, { id: "", text: "two" }]);
  conversation.hear("news", 7, [{ id: "", text: "three" }]);
  const shown = conversation.all().map((t) => [t.outside, t.replies.map((r) => r.text)]);
  assert.deepEqual(shown, [[undefined, ["hello"]], [true, ["one", "two", "three"]]]);
  assert.deepEqual(new Archive(store, "rest").turn("news")?.replies.map((r) => r.id), ["1", "2", "3"]);
});

test("Edge08_21 a page that listens does not take over what another tab has heard", () => {
  const store = new MemoryStore();
  const { conversation } = open(new Stage([[hello]]), store);
  open(new Stage([[hello]]), store).conversation.hear("news", 6, [{ id: "", text: "one" }]);
  conversation.listening = true;
  conversation.adopt("news");
  assert.equal(conversation.all().length, 0);
  conversation.listening = false;
  conversation.adopt("news");
  assert.equal(conversation.all().length, 1);
});

const failures: [code: Code, metadata: Record<string, string>, shown: boolean, remedy: string][] = [
  [Code.Unauthenticated, {}, false, "token"],
  [Code.ResourceExhausted, { "Retry-After": "3" }, false, "wait"],
  [Code.ResourceExhausted, {}, false, "retry"],
  [Code.Unavailable, {}, false, "wait"],
  [Code.DeadlineExceeded, {}, false, "retry"],
  [Code.Unknown, {}, false, "anew"],
  [Code.Unknown, {}, true, "anew"],
  [Code.Aborted, {}, true, "anew"],
  [Code.AlreadyExists, {}, false, "anew"],
  [Code.InvalidArgument, {}, false, "none"],
  [Code.Internal, {}, false, "retry"],
];

for (const [code, metadata, shown, remedy] of failures) {
  test(`${Code[code]}${shown ? " after a reply" : ""} ${JSON.stringify(metadata)}: ${remedy}`, () => {
    const failure = failureOf(new ConnectError("said", code, metadata), shown);
    assert.equal(failure.remedy, remedy);
    assert.equal(failure.detail, "said");
    assert.match(failure.title, /^[A-Z].*\.$/);
    assert.equal(failure.wait, Number(metadata["Retry-After"] ?? 0) * 1000);
  });
}

/** An error as it comes off the wire, with the ErrorInfo that it has. */
function aborted(reason: string): ConnectError {
  const err = new ConnectError("said", Code.Aborted);
  const bytes = new TextEncoder().encode(reason);
  err.details = [{ type: "google.rpc.ErrorInfo", value: new Uint8Array([0x0a, bytes.length, ...bytes, 0x12, 1, 0x61]) }];
  return err;
}

test("Edge08_15 a turn that the program's end cut is asked again by itself, unless something was shown", () => {
  assert.equal(failureOf(aborted("PROGRAM_ENDED"), false).remedy, "wait");
  assert.equal(failureOf(aborted("PROGRAM_ENDED"), true).remedy, "anew");
  assert.equal(failureOf(aborted("TURN_ABORTED"), false).remedy, "anew");
});

for (const reason of [new TypeError("Failed to fetch"), "missing EndStreamResponse", new ConnectError("premature end of stream", Code.InvalidArgument)]) {
  test(`lost: ${reason}`, () => assert.equal(failureOf(ConnectError.from(reason), false).code, "lost"));
}
