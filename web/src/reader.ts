import type { Answer, Question } from "./reader.worker.js";

declare const workerFile: string; // set by build.mjs

/** How long the reading of one text may take, in milliseconds. Any but a hostile one takes less than 200. */
const deadline = 1000;

/** How long after a failed start the worker is started again, in milliseconds. */
const patience = 10_000;

interface Task extends Question {
  done(answer: Answer): void;
}

/**
 * Reads Markdown in a worker, which is loaded with the first text that needs it. One text is
 * read at a time, the latest first. One that takes too long ends the worker, and there is
 * another for the next.
 */
export class Reader {
  private worker: Worker | undefined;
  private loading: Promise<boolean> | undefined;
  private broken = -Infinity;
  private current: Task | undefined;
  private readonly waiting: Task[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  get ready(): boolean {
    return this.worker !== undefined;
  }

  /** Starts the worker, and reports whether it runs. */
  load(): Promise<boolean> {
    if (performance.now() - this.broken < patience) {
      return Promise.resolve(false);
    }
    return (this.loading ??= this.start());
  }

  /** Returns the pieces of a text as JSON, or undefined when it has to stay plain. */
  async read(question: Question): Promise<Answer> {
    return new Promise((done) => {
      this.waiting.push({ ...question, done });
      void this.next();
    });
  }

  private async next(): Promise<void> {
    const runs = await this.load();
    if (this.current) {
      return;
    }
    const task = (this.current = this.waiting.pop());
    if (!task) {
      return;
    }
    if (!runs || !this.worker) {
      return this.answer(undefined);
    }
    // The answer may be there already, behind other work of the page.
    this.timer = setTimeout(() => (this.timer = setTimeout(() => this.end())), deadline);
    this.worker.postMessage({ text: task.text, format: task.format } satisfies Question);
  }

  private answer(answer: Answer): void {
    clearTimeout(this.timer);
    const task = this.current;
    this.current = undefined;
    task?.done(answer);
    void this.next();
  }

  /** Ends the worker in the midst of a text. */
  private end(): void {
    this.stop();
    this.answer(undefined);
  }

  private stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.loading = undefined;
  }

  private start(): Promise<boolean> {
    return new Promise((done) => {
      const worker = new Worker(new URL(workerFile, import.meta.url), { type: "module" });
      worker.addEventListener("message", ({ data }: MessageEvent<Answer | "ready">) => {
        if (data === "ready") {
          this.worker = worker;
          done(true);
        } else if (worker === this.worker) {
          this.answer(data);
        }
      });
      worker.addEventListener("error", () => {
        this.broken = performance.now();
        this.stop();
        done(false);
        this.answer(undefined);
      });
    });
  }
}
