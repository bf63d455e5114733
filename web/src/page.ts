import { Archive } from "./archive.js";
import { Chooser } from "./chooser.js";
import type { Client } from "./client.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { known } from "./dom.js";
import { isEmbedded } from "./embedding.js";
import { Frame } from "./frame.js";
import { FreshDialog } from "./freshdialog.js";
import { Inspector } from "./inspector.js";
import { Listener } from "./listener.js";
import { Notice } from "./notice.js";
import { Picker } from "./picker.js";
import { Reach } from "./reach.js";
import { Scroller } from "./scroller.js";
import type { Store } from "./storage.js";
import { takeFragment, type Tokens } from "./token.js";
import type { TokenDialog } from "./tokendialog.js";
import type { Trace } from "./trace.js";
import { Transcript } from "./transcript.js";
import { Tray } from "./tray.js";
import type { Turn } from "./turn.js";
import type { Place, Sent } from "./upload.js";

/** The parts of the page, and what each has to do with the others. */
export class Page {
  private readonly conversations = new Map<string, Conversation>();
  private readonly transcript: Transcript;
  private readonly scroller: Scroller;
  private readonly composer: Composer;
  private readonly tray: Tray;
  private readonly notice = new Notice(known("notice"));
  private readonly chooser: Chooser;
  private readonly inspector: Inspector;
  private tokenDialog: TokenDialog | undefined;
  private readonly reach: Reach;
  private current: Conversation;
  private listener: Listener | undefined;

  constructor(
    base: string,
    private readonly client: Client,
    private readonly store: Store,
    private readonly tokens: Tokens,
  ) {
    const log = known("log");
    this.transcript = new Transcript(log, {
      base,
      send: (text, label) => this.send(text, label),
      retry: (turn) => this.act(() => this.current.retry(turn.id)),
      repeat: (turn) => this.send(turn.text, turn.label),
      hurry: () => this.act(() => this.current.resume()),
      enterToken: () => void this.askToken(),
    });
    this.scroller = new Scroller(known("view"), log, known("jump"));
    this.tray = new Tray(known("tray"), known("tray-status"), known("tray-problem"), (channel) => this.place(channel), () => this.composer?.fit());
    this.composer = new Composer(known("composer"), this.tray, {
      send: (text, files) => this.send(text, undefined, files),
      stop: () => this.current.stop(),
      drafted: (draft) => (this.current.draft = draft),
    });
    new Picker(() => !this.composer.disabled, (files) => this.attach(files));
    this.chooser = new Chooser(known("channel"), (channel) => this.open(channel));
    this.inspector = new Inspector(known("inspector"), known("inspect"));
    new FreshDialog(known("fresh"), known("begin"), () => this.act(() => this.beginAnew()));
    this.reach = new Reach(client, this.notice, (channels) => this.found(channels));
    this.current = this.conversation(this.linked() || store.get("channel") || "rest");
  }

  /** Shows the conversation and answers what is open of it. */
  start(): void {
    this.listen();
    this.open(this.current.channel);
    if (isEmbedded()) { // it has the focus when the other page gives it
      new Frame(known("close"), () => this.composer.focus());
    } else {
      this.composer.focus();
    }
    void this.reach.ask();
  }

  private listen(): void {
    known("welcome").addEventListener("click", ({ target }) => {
      const example = target instanceof HTMLElement ? target.dataset["send"] : undefined;
      if (example) {
        this.act(() => this.send(example));
      }
    });
    addEventListener("online", () => this.resume());
    addEventListener("pageshow", (event) => event.persisted && this.resume());
    addEventListener("pagehide", () => this.conversations.forEach((c) => c.flush()));
    document.addEventListener("visibilitychange", () => (document.hidden ? this.hide() : this.resume()));
    addEventListener("hashchange", () => this.open(this.linked() || this.current.channel));
    addEventListener("storage", (event) => this.written(event.key ?? ""));
  }

  private open(channel: string): void {
    this.current = this.conversation(channel);
    this.store.set("channel", channel);
    this.chooser.choose(channel);
    this.transcript.show(this.current.all());
    this.composer.restore(this.current.draft);
    this.tray.open(channel);
    this.welcome();
    this.scroller.stay();
    this.current.resume();
    this.answering();
    this.listener?.stop();
    this.listener = new Listener(this.current, new Archive(this.store, channel), this.client);
    this.hearOutside();
  }

  /** Listens while the page is seen. To who has written nothing nothing is said. */
  private hearOutside(): void {
    if (!document.hidden && !this.current.empty) {
      this.listener?.start();
    }
  }

  private hide(): void {
    this.current.flush();
    this.listener?.stop();
  }

  private conversation(channel: string): Conversation {
    let conversation = this.conversations.get(channel);
    if (!conversation) {
      conversation = new Conversation(channel, new Archive(this.store, channel), this.client, {
        turnChanged: (turn) => this.changed(channel, turn),
        traced: (trace) => this.traced(channel, trace),
      });
      this.conversations.set(channel, conversation);
    }
    return conversation;
  }

  private changed(channel: string, turn: Turn): void {
    if (channel !== this.current.channel) {
      return;
    }
    this.transcript.update(turn);
    this.hearOutside();
    this.welcome();
    this.answering();
    if (turn.phase?.is === "token") {
      void this.askToken();
    }
    if (turn.failure?.code === "not_found") {
      void this.reach.ask();
    }
  }

  private traced(channel: string, trace: Trace): void {
    if (channel === this.current.channel) {
      this.inspector.show(trace);
    }
  }

  private send(text: string, label?: string, files?: Sent[]): void {
    this.current.send(text, label, files);
    this.scroller.stay();
  }

  private attach(files: File[]): void {
    this.tray.add(files);
    this.composer.focus();
  }

  private place(channel: string): Place {
    return this.client.place(channel, this.conversation(channel).sender);
  }

  /** Offers to stop what is being answered. */
  private answering(): void {
    const turn = this.current.answering;
    this.composer.showAnswering(turn !== undefined, turn?.phase?.is === "stopping");
  }

  /** Does what a button asks that is about to vanish, so that the focus needs another place. */
  private act(what: () => void): void {
    what();
    if (matchMedia("(pointer: fine)").matches) {
      this.composer.focus();
    }
  }

  private found(channels: string[]): void {
    const [first] = channels;
    this.composer.disabled = first === undefined;
    const closed = first === undefined;
    known("closed").hidden = !closed || !this.current.empty;
    this.notice.say("channels", closed && !this.current.empty ? "No channel of this service is open to this page: write rest: into credentials.yml." : "");
    this.welcome();
    if (first !== undefined && !channels.includes(this.current.channel)) {
      this.open(channels.includes("rest") ? "rest" : first);
    }
    this.chooser.show(channels, this.current.channel);
  }

  private beginAnew(): void {
    this.listener?.stop();
    this.current.forget();
    this.tray.clear();
    this.reopen();
  }

  private reopen(): void {
    this.conversations.delete(this.current.channel);
    this.open(this.current.channel);
  }

  /** Takes the channel and the token that the address may have. */
  private linked(): string {
    const { channel, token } = takeFragment();
    if (token) {
      this.tokens.keep(channel, token);
    }
    return channel;
  }

  private async askToken(): Promise<void> {
    const { TokenDialog } = await import("./tokendialog.js");
    this.tokenDialog ??= new TokenDialog(known("token"), (token) => this.gotToken(token), () => this.act(() => this.current.giveUp()));
    const { channel } = this.current;
    this.tokenDialog.ask(channel, this.tokens.of(channel));
  }

  private gotToken(token: string): void {
    this.tokens.keep(this.current.channel, token);
    this.act(() => this.current.resume());
    this.listener?.hurry();
  }

  private resume(): void {
    void this.reach.ask();
    this.current.resume();
    this.hearOutside();
    this.listener?.hurry();
  }

  /** Another tab has written something. */
  private written(key: string): void {
    if (key.endsWith(`:sender:${this.current.channel}`)) {
      this.reopen();
    } else if (key.includes(":turn:")) {
      this.current.adopt(key.slice(key.lastIndexOf(":") + 1));
    }
  }

  private welcome(): void {
    known("welcome").hidden = !this.current.empty || this.composer.disabled;
  }
}
