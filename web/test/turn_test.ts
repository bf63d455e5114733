import assert from "node:assert/strict";
import { test } from "node:test";
import { after, kept, newTurn, type Turn, type TurnEvent } from "../src/turn.js";

const failure = { code: "lost", title: "", detail: "", remedy: "wait", wait: 0 } as const;
const asked: TurnEvent = { is: "phase", phase: { is: "asked" } };
const pause: TurnEvent = { is: "phase", phase: { is: "pause", failure, until: 0 } };
const done: TurnEvent = { is: "done", at: 5 };
const stopping: TurnEvent = { is: "phase", phase: { is: "stopping" } };
const stopped: TurnEvent = { is: "stopped", at: 5 };
const delta = (id: string, text: string): TurnEvent => ({ is: "delta", id, text });
const reply = (id: string, text: string): TurnEvent => ({ is: "reply", reply: { id, text } });

function play(...events: TurnEvent[]): Turn {
  return events.reduce(after, newTurn("m", 1, "hi"));
}

/** Writes a turn as its state and texts; "…" stands for more to come. */
function told(turn: Turn): string {
  return [turn.state, ...turn.replies.map((r) => r.text + (r.partial ? "…" : ""))].join(" | ");
}

const plays: [name: string, events: TurnEvent[], want: string][] = [
  ["asked", [asked], "open"],
  ["pieces grow", [asked, delta("1", "a "), delta("1", "b")], "open | a b…"],
  ["a reply replaces its pieces", [asked, delta("1", "a b"), reply("1", "A B")], "open | A B"],
  ["replies stand in the order of their first pieces", [asked, delta("1", "a"), delta("2", "b"), reply("1", "A"), reply("2", "B"), done], "done | A | B"],
  ["silence", [asked, done], "done"],
  ["pieces without a reply stay", [asked, delta("1", "a"), done], "done | a"],
  ["a failure keeps what was shown", [asked, delta("1", "a"), { is: "failed", at: 5, failure }], "failed | a"],
  ["while it waits, what was shown can be read", [asked, delta("1", "a"), pause], "open | a…"],
  ["the next attempt replaces it", [asked, reply("1", "a"), delta("2", "b"), pause, asked, reply("1", "a")], "open | a"],
  ["pieces do not add up over attempts", [asked, delta("1", "a"), pause, asked, delta("1", "a")], "open | a…"],
  ["an attempt that is silent too", [asked, delta("1", "a"), pause, asked, done], "done"],
  ["an attempt that fails with nothing new", [asked, delta("1", "a"), pause, asked, { is: "failed", at: 5, failure }], "failed | a"],
  ["a retry opens a failed turn", [asked, { is: "failed", at: 5, failure }, asked], "open"],
];

const stops: typeof plays = [
  ["Edge08_21 a turn that is being stopped goes on until it is over", [asked, delta("1", "a"), stopping, delta("1", "b")], "open | ab…"],
  ["Edge08_21 a turn that was stopped keeps what it has shown", [asked, delta("1", "a"), stopping, reply("1", "ab"), stopped], "done | ab"],
  ["Edge08_21 one that was stopped before it began again keeps what was shown", [asked, reply("1", "a"), pause, stopping, stopped], "done | a"],
];

for (const [name, events, want] of [...plays, ...stops]) {
  test(name, () => assert.equal(told(play(...events)), want));
}

test("what a turn waits for is not kept", () => {
  assert.deepEqual(kept(play(asked, delta("1", "a"), pause)), {
    id: "m", at: 1, text: "hi", state: "open", replies: [{ id: "1", text: "a", partial: true }],
  });
});

test("a retry forgets the failure", () => {
  assert.equal(play(asked, { is: "failed", at: 5, failure }, asked).failure, undefined);
});

test("Edge08_21 a turn knows when it was over, and that it was stopped", () => {
  const turn = play(asked, stopping, stopped);
  assert.deepEqual([turn.ended, turn.stopped, turn.phase], [5, true, undefined]);
  assert.equal(play(asked, done).stopped, undefined);
  assert.equal(play(asked, { is: "failed", at: 5, failure }, asked).ended, undefined);
});

test("Edge08_21 the files of a message are kept with it", () => {
  const file = { type: "image", ref: "r", mime: "image/png", name: "cat.png", size: 3 } as const;
  assert.deepEqual(kept(newTurn("m", 1, "", undefined, [file])).files, [file]);
  assert.equal("files" in newTurn("m", 1, "hi"), false);
});
