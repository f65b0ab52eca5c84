// A whole Saldo on loopback for browser tests: `saldo demo` in a directory of its own, with hands on its administrator,
// its billers and its LMTP door. Every world is stopped and removed, also after a failed test.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const SOURCE = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const BUILD = resolve(process.env.SALDO_BUILD ?? join(SOURCE, "build"));
const PATIENCE = Number(process.env.SALDO_TEST_PATIENCE ?? 1);

export const PAYER = "anna@demo.example";
export const PASSWORD = "saldo-demo";
/** Longest wait for anything that should happen. */
export const WAIT_MS = 20_000 * PATIENCE;
const START_MS = 60_000 * PATIENCE;
const STOP_MS = 10_000 * PATIENCE;

/** Polls until `condition()` gives something truthy, and returns it. */
export async function waitFor(condition, what) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${WAIT_MS / 1000} s for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function portIsFree(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
  });
}

/** The first of three free ports in a row, below the kernel's own range. */
async function threeFreePorts() {
  for (let first = 12_000 + (process.pid % 2_500) * 3; first < 32_000; first += 3) {
    const free = await Promise.all([first, first + 1, first + 2].map(portIsFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no three free ports in a row");
}

/** What a suite starts for all its tests ends with it, the last first. Called while the suite is described. */
export function endsWithSuite() {
  const ends = [];
  after(async () => {
    const results = [];
    for (const end of ends.reverse()) results.push(...(await Promise.allSettled([end()])));
    const failed = results.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
  });
  return { after: (end) => ends.push(end) };
}

/** Starts a world; it ends by itself when the test (or suite) `t` is over. */
export async function startWorld(t) {
  const world = new World(await mkdtemp(join(tmpdir(), "saldo-e2e-")), await threeFreePorts());
  t.after(() => world.stop());
  await world.start();
  return world;
}

class World {
  constructor(directory, port) {
    this.directory = directory;
    this.state = join(directory, "state");
    this.address = `http://127.0.0.1:${port}`;
    this.sandboxAddress = `http://127.0.0.1:${port + 1}`;
    this.lmtpPort = port + 2;
    this.port = port;
    this.process = null;
    /** All that the programs said. */
    this.log = "";
  }

  start() {
    const options = ["demo", "--port", String(this.port), "--state", this.state, "--fresh"];
    this.process = spawn(join(BUILD, "saldo"), options, { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stderr.on("data", (chunk) => {
      this.log += chunk;
    });
    return new Promise((started, failed) => {
      const timer = setTimeout(() => failed(new Error(`saldo demo did not start:\n${this.log}`)), START_MS);
      this.process.once("error", failed);
      this.process.once("exit", (code) => failed(new Error(`saldo demo ended with ${code}:\n${this.log}`)));
      createInterface(this.process.stdout).on("line", (line) => {
        this.log += `${line}\n`;
        if (!line.includes("Stop:")) return;
        clearTimeout(timer);
        started(this);
      });
    });
  }

  async end() {
    const running = this.process;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((done) => running.once("exit", done));
    running.kill("SIGTERM");
    const timer = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
    this.process = null;
  }

  async stop() {
    await this.end();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** One cmdlet, as an administrator types it. */
  async admin(cmdlet) {
    const run = promisify(execFile);
    return (await run(join(BUILD, "saldo"), ["admin", "--json", "--state", this.state, cmdlet])).stdout;
  }

  async sandbox(method, path, body) {
    const response = await fetch(this.sandboxAddress + path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Lets billers or processor fail: see sandbox/fault.h for points and kinds. */
  fault(point, kind, more = {}) {
    return this.sandbox("POST", "/admin/faults", { point, kind, ...more });
  }

  clearFaults() {
    return this.sandbox("DELETE", "/admin/faults");
  }

  changeInvoice(number, change) {
    return this.sandbox("POST", `/admin/invoices/${number}`, change);
  }

  /** How often the processor charged for this invoice. */
  async chargesFor(number) {
    const { charges } = await this.sandbox("GET", "/admin/charges");
    return charges.filter((charge) => charge.invoice === number).length;
  }

  /** What the biller's own books say of an invoice. */
  async bill(number) {
    const { invoices } = await this.sandbox("GET", "/admin/invoices");
    return invoices.find((invoice) => invoice.number === number);
  }

  /** Delivers a mail as a mail server does, by LMTP. */
  deliver(mail, recipient = PAYER) {
    return deliverByLmtp(this.lmtpPort, Buffer.from(mail), recipient);
  }

  sample(name) {
    return readFile(join(this.state, "samples", "mail", name), "utf8");
  }

  /** Every file that the server keeps, the billers' and the processor's own aside. */
  async filesKept() {
    const own = (await readdir(this.state, { withFileTypes: true, recursive: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/state\/(sandbox|samples)\//.test(path));
    return Promise.all(own.map(async (path) => ({ path, bytes: await readFile(path) })));
  }
}

async function deliverByLmtp(port, mail, recipient) {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(WAIT_MS, () => socket.destroy(new Error("LMTP: no answer")));
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const reply = async (command) => {
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done) throw new Error(`LMTP ended after ${command}`);
      if (line[3] === "-") continue;
      if (line[0] !== "2") throw new Error(`LMTP: ${command} → ${line}`);
      return;
    }
  };
  try {
    await reply("greeting");
    for (const command of ["LHLO test.example", "MAIL FROM:<>", `RCPT TO:<${recipient}>`]) {
      socket.write(`${command}\r\n`);
      await reply(command);
    }
    socket.write(`BDAT ${mail.length} LAST\r\n`);
    socket.write(mail);
    await reply("BDAT");
  } finally {
    socket.destroy();
  }
}
