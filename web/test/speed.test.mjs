// No task of the page may keep the browser from painting for 50 ms.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openChat, Program } from "./kit.mjs";

let program, browser;
before(async () => { program = await new Program().start(); browser = await launch(); });
after(async () => { await browser?.close(); await program?.close(); });

// A garbage collection may make one task long, in one attempt and not in the next.
const attempts = 5;
const categories = ["toplevel", "__metadata"];

async function quickly(name, steps) {
  test(name, async (t) => {
    const found = [];
    for (let i = 0; i < attempts; i++) {
      const c = await openChat(browser, program.url);
      await c.ask("warm up", /^warm up$/);
      await browser.startTracing(c.page, { categories });
      await steps(c);
      await scroll(c.page);
      const tasks = longTasks(await browser.stopTracing());
      await c.close();
      if (tasks.length === 0) {
        t.diagnostic(`no task over 50 ms in attempt ${i + 1}; before: ${JSON.stringify(found)}`);
        return;
      }
      found.push(tasks);
    }
    assert.fail(`tasks over 50 ms in each attempt: ${JSON.stringify(found)}`);
  });
}

// longTasks returns the milliseconds of CPU of each task over 50 ms in the main threads of
// the pages. What other programs take of the processor meanwhile is not counted.
function longTasks(trace) {
  const events = JSON.parse(trace).traceEvents;
  const mains = new Set(events.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid} ${e.tid}`));
  const tasks = events.filter((e) => mains.has(`${e.pid} ${e.tid}`) && e.tdur !== undefined);
  assert.notEqual(tasks.length, 0, "the trace has no task");
  return tasks.map((e) => Math.round(e.tdur / 1000)).filter((ms) => ms > 50);
}

async function scroll(page) {
  await page.mouse.move(500, 400);
  for (const step of [-1500, -4000, -8000, 3000, 9000]) {
    for (let i = 0; i < 4; i++) {
      await page.mouse.wheel(0, step / 4);
      await page.waitForTimeout(30);
    }
  }
}

quickly("500 replies at once", async (c) => {
  await c.send("/many 500");
  await c.shows("Reply 500 with");
  assert.equal(await c.page.locator(".reply").count(), 501);
});

quickly("250 messages with as many answers, as fast as they can be written", async (c) => {
  await c.page.evaluate(async () => {
    const input = document.getElementById("message");
    for (let i = 1; i <= 250; i++) {
      input.value = `message ${i}`;
      input.dispatchEvent(new Event("input"));
      input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  });
  await c.page.waitForFunction(() => document.querySelectorAll(".reply").length === 251, undefined, { timeout: 60_000 });
});

quickly("a text that comes in 60 pieces", async (c) => {
  await c.send("/stream 60");
  await c.shows("piece 60");
});

test("a conversation of 500 messages opens without one either", async (t) => {
  const c = await openChat(browser, program.url);
  await c.send("/many 500");
  await c.shows("Reply 500 with");
  await browser.startTracing(c.page, { categories });
  await c.page.reload();
  await c.shows("Reply 500 with");
  const load = longTasks(await browser.stopTracing());
  t.diagnostic(`tasks over 50 ms during the load: ${JSON.stringify(load)}`);
  assert.ok(Math.max(0, ...load) < 250, `a task of ${Math.max(...load)} ms during the load`);
  await c.close();
});
