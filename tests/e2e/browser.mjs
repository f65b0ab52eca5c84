// A Chromium that is watched: what breaks the content security policy, what the console complains about, and every
// request that leaves, so that each test ends with the same question: was all of it quiet?

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach } from "node:test";
import { SOURCE, WAIT_MS } from "./world.mjs";

// The browser's driver and axe stand among the web app's own dependencies.
const fromWeb = createRequire(join(SOURCE, "web", "package.json"));
const { chromium } = fromWeb("playwright-core");
const AXE = await readFile(fromWeb.resolve("axe-core/axe.min.js"), "utf8");

const CHROMIUM = process.env.SALDO_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Whatever a mail may name, nothing but this machine is ever reached.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];
const WIDE = { width: 1280, height: 800 };

/** Starts the browser; it ends when the test (or suite) `t` is over. */
export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  t.after(() => browser.close());
  return browser;
}

const profiles = new Set();

/** With SALDO_SHOTS=directory, a failed test leaves a picture of each page there. */
async function takePictures(t) {
  const directory = process.env.SALDO_SHOTS;
  if (directory === undefined || t.passed !== false) return;
  const pages = [...profiles].flatMap((context) => context.pages());
  const name = t.name.replace(/\W+/g, "-").slice(0, 60);
  await Promise.all(pages.map((page, index) => page.screenshot({ path: join(directory, `${name}-${index}.png`) })));
}
afterEach(takePictures);

/** A fresh profile on this world: its pages share cookies, and one watch. */
export async function newProfile(
  browser,
  world,
  { viewport = WIDE, locale = "en-GB", dark = false, calm = true } = {},
) {
  const context = await browser.newContext({
    baseURL: world.address,
    viewport,
    locale,
    timezoneId: "Europe/Warsaw",
    colorScheme: dark ? "dark" : "light",
    reducedMotion: calm ? "reduce" : "no-preference",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(WAIT_MS);
  profiles.add(context);
  context.on("close", () => profiles.delete(context));
  return { context, watch: await watchOver(context, world) };
}

/** Without a session the very first question is answered 401: the one complaint that belongs to every visit. */
const FIRST_QUESTION = { status: 401, path: "/v1/session" };

async function watchOver(context, world) {
  const watch = new Watch(world);
  await context.exposeBinding("reportViolation", ({ frame }, text) => {
    watch.complaints.push(`CSP in ${frame.url()}: ${text}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.effectiveDirective} blocked ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on("console", (message) => watch.onConsole(message));
  context.on("weberror", (error) => watch.complaints.push(`uncaught: ${error.error().stack}`));
  context.on("request", (request) => watch.requests.push(request));
  return watch;
}

class Watch {
  constructor(world) {
    this.world = world;
    this.complaints = [];
    this.requests = [];
    this.expected = [FIRST_QUESTION];
  }

  /** The test provokes this answer; the browser's note about it is no complaint. */
  expect(status, path) {
    this.expected.push({ status, path });
  }

  onConsole(message) {
    if (message.type() !== "error" && message.type() !== "warning") return;
    const text = message.text();
    const status = Number(/^Failed to load resource: the server responded with a status of (\d+)/.exec(text)?.[1]);
    const { url } = message.location();
    const known = this.expected.some((one) => one.status === status && new URL(url).pathname.match(one.path));
    if (!known) this.complaints.push(`console ${message.type()}: ${text} (${url})`);
  }

  /** Requests that went to neither the server nor the bank's page. */
  strayRequests() {
    const home = [this.world.address, this.world.sandboxAddress];
    return this.requests
      .map((request) => request.url())
      .filter((url) => /^(https?|wss?|ftp):/.test(url) && !home.includes(new URL(url).origin));
  }

  assertQuiet() {
    assert.deepEqual(this.complaints, [], "policy violations and console errors");
    assert.deepEqual(this.strayRequests(), [], "requests to other hosts");
  }
}

/** axe's findings in a page and its /pay/ frames, one line each. */
export async function axeFindings(page) {
  const ours = page.frames().filter((frame) => frame === page.mainFrame() || frame.url().includes("/pay/"));
  const found = await Promise.all(ours.map(axeInFrame));
  return found.flat();
}

async function axeInFrame(frame) {
  await frame.evaluate(AXE);
  return frame.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      iframes: false,
      resultTypes: ["violations"],
      // A frame of ours is a part of a page: it needs no landmarks or headings of its own.
      rules: window === window.top ? {} : { region: { enabled: false }, "page-has-heading-one": { enabled: false } },
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${location.pathname} ${id} (${help}) at ${target}: ${failureSummary}`),
    );
  });
}
