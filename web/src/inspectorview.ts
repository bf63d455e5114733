import type { JsonValue } from "@bufbuild/protobuf";
import { el } from "./dom.js";
import type { Trace } from "./trace.js";

/** The most events that are listed; the newest matter most. */
const most = 200;

/** What the panel shows of a turn. It is loaded when the panel is first opened. */
export class InspectorView {
  private trace: Trace | undefined;
  private listed = 0;
  private readonly times: HTMLElement;
  private readonly facts: HTMLElement;
  private readonly list: HTMLElement;

  constructor(panel: HTMLElement) {
    this.times = panel.querySelector("[data-times]") as HTMLElement;
    this.facts = panel.querySelector("[data-facts]") as HTMLElement;
    this.list = panel.querySelector("[data-events]") as HTMLElement;
  }

  show(trace: Trace): void {
    if (trace !== this.trace) {
      this.trace = trace;
      this.listed = 0;
      this.list.replaceChildren();
    }
    this.times.replaceChildren(...times(trace));
    this.facts.replaceChildren(...facts(trace));
    this.append(trace);
  }

  private append(trace: Trace): void {
    const from = Math.max(this.listed, trace.events.length - most);
    const news = trace.events.slice(from).map(({ at, raw }) =>
      el("li", {}, el("span", { class: "at" }, `+${ms(at)}`), el("code", {}, JSON.stringify(raw))),
    );
    this.list.append(...news);
    this.listed = trace.events.length;
    while (this.list.childElementCount > most) {
      this.list.firstElementChild?.remove();
    }
  }
}

function times({ events, took }: Trace): Node[] {
  const first = events.find(({ raw }) => !isStart(raw));
  const told: [string, string][] = [
    ["First piece", first ? ms(first.at) : "none yet"],
    ["Whole turn", took === undefined ? "running" : ms(took)],
    ["Events", String(events.length)],
  ];
  return told.map(([name, value]) => el("p", {}, `${name} `, el("strong", {}, value)));
}

/** The first event says that the turn has its place, and nothing of the answer. */
function isStart(raw: JsonValue): boolean {
  return raw !== null && typeof raw === "object" && "started" in raw;
}

function facts({ request, attempt, failure }: Trace): Node[] {
  const rows: [string, string][] = Object.entries(request);
  if (attempt > 1) {
    rows.push(["attempt", String(attempt)]);
  }
  if (failure) {
    rows.push(["error", [failure.code, failure.detail].filter(Boolean).join(": ")]);
  }
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

function ms(time: number): string {
  return time < 1000 ? `${time.toFixed(time < 10 ? 1 : 0)} ms` : `${(time / 1000).toFixed(2)} s`;
}
