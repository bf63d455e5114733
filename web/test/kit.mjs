// What the browser tests have in common: the program, a proxy that can be cut, a page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer as createSite, request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const looks = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  narrow: { colorScheme: "dark", viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
};

const artifacts = process.env.MANYVOX_ARTIFACTS ?? fileURLToPath(new URL("artifacts/", import.meta.url));

/** The program with files of its own. Its data outlives it, and it comes back at the same port. */
export class Program {
  port = "0";

  constructor(credentials = "rest:\n", endpoints = "agent: {type: fake}\n") {
    this.dir = mkdtempSync(join(tmpdir(), "manyvox-"));
    writeFileSync(join(this.dir, "credentials.yml"), credentials);
    writeFileSync(join(this.dir, "endpoints.yml"), endpoints);
  }

  async start(...flags) {
    this.child = spawn(process.env.MANYVOX_CHILD, ["--port", this.port, ...flags], {
      env: { ...process.env, MANYVOX_CHILD_DIR: this.dir },
      stdio: ["pipe", "pipe", process.env.MANYVOX_LOG ? "inherit" : "ignore"],
    });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    const [address] = await Promise.race([once(createInterface({ input: this.child.stdout }), "line"), this.ended.then(() => [])]);
    assert.ok(address, "the program does not listen");
    this.port = address.split(":").at(-1);
    this.url = `http://localhost:${this.port}`;
    return this;
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async close() {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The fake platform of a channel, by `manyvox fake`. */
export async function fakePlatform(type) {
  const child = spawn(process.env.MANYVOX_CHILD, ["fake", type, "--address", "127.0.0.1:0"], {
    env: { ...process.env, MANYVOX_CHILD_DIR: tmpdir() },
    stdio: ["pipe", "pipe", process.env.MANYVOX_LOG ? "inherit" : "ignore"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended.then(() => [""])]);
  const [url] = line.match(/http:\/\/[\d.:]+/) ?? [];
  assert.ok(url, `the fake does not listen: ${line}`);
  return { url, close: async () => { child.kill("SIGKILL"); await ended; } };
}

/** A site of its own, with one page: its origin is another than the program's. */
export async function site(html) {
  let more = {};
  const server = createSite((req, res) => {
    const found = req.url === "/"; // a browser also asks for an icon
    res.writeHead(found ? 200 : 204, { "Content-Type": "text/html; charset=utf-8", ...more }).end(found ? html : "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const show = (text, headers = {}) => { html = text; more = headers; };
  return { url: `http://127.0.0.1:${server.address().port}`, show, close: () => { server.closeAllConnections(); server.close(); } };
}

/** A proxy that takes a prefix off the path. */
export async function prefixed(port, prefix) {
  const server = createSite((req, res) => {
    const path = req.url.startsWith(prefix) ? req.url.slice(prefix.length) : req.url;
    const far = request({ port, path, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    req.pipe(far);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://localhost:${server.address().port}${prefix}`, close: () => { server.closeAllConnections(); server.close(); } };
}

function once(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
}

/** A way to the program that can be cut and mended. */
export class Proxy {
  sockets = new Set();
  open = true;

  async start(port) {
    this.server = createServer((near) => this.join(near, port));
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://localhost:${this.server.address().port}`;
    return this;
  }

  join(near, port) {
    if (!this.open) {
      return near.destroy();
    }
    const far = connect(Number(port), "127.0.0.1");
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => { other.destroy(); this.sockets.delete(socket); });
      socket.pipe(other);
    }
  }

  cut() {
    this.open = false;
    this.sockets.forEach((socket) => socket.destroy());
  }

  mend() {
    this.open = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--headless", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
  });
}

/** A window of its own on the chat page. What its console complains of fails the test. */
export async function openChat(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, colorScheme: "light", ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (err) => complaints.push(String(err)));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  await page.goto(url);
  return new Chat(context, page, complaints);
}

/** Waits until a check holds: what a page shows follows what happens. */
export async function eventually(check) {
  for (const end = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      return await check();
    } catch (err) {
      if (Date.now() > end) {
        throw err;
      }
    }
  }
}

export class Chat {
  constructor(context, page, complaints) {
    Object.assign(this, { context, page, complaints });
    this.log = page.getByRole("log", { name: "Conversation" });
    this.input = page.getByRole("textbox", { name: "Message" });
  }

  async send(text) {
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Waits until the conversation shows a text. */
  shows(text) {
    return this.log.getByText(text).last().waitFor();
  }

  /** Returns what the replies of the conversation say, in order. */
  replies() {
    return this.page.locator(".reply .prose, .card").allInnerTexts();
  }

  /** Waits until the replies are these. */
  says(replies) {
    return eventually(async () => assert.deepEqual(await this.replies(), replies));
  }

  async ask(text, answer) {
    await this.send(text);
    await this.shows(answer);
  }

  /** Has axe look, checks that nothing runs over the side, and keeps a picture. */
  async inspected(name) {
    await this.screenshot(name);
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() =>
      window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
    );
    assert.deepEqual(violations.map((v) => `${name}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join("; ")}`), []);
    const over = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${name}: ${over} px too wide`);
  }

  screenshot(name) {
    mkdirSync(artifacts, { recursive: true });
    return this.page.screenshot({ path: join(artifacts, `${name}.png`) });
  }

  /** Ends the window. A broken connection is what some tests are about; nothing else may be complained of. */
  async close({ broken = false } = {}) {
    await this.context.close();
    const rest = broken ? this.complaints.filter((c) => !/Failed to load resource|ERR_/.test(c)) : this.complaints;
    assert.deepEqual(rest, []);
  }
}
