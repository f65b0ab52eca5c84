// The card number and the security code are typed, sealed in the browser, and are nowhere else: not in a request, not
// in the browser's storage, not in a file of the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn, toConfirm } from "./screens.mjs";
import { startWorld, waitFor } from "./world.mjs";

const NUMBER = "3782 822463 10005";
const DIGITS = "378282246310005";
/** Four digits that nothing else here holds by chance: only looked for as a JSON or form value. */
const CODE = "8642";
const CODE_AS_VALUE = new RegExp(`["'=:\\s]${CODE}["'&,\\s}]`);

const holdsNumber = (text) =>
  text.includes(DIGITS) || text.includes(NUMBER) || text.includes(NUMBER.replaceAll(" ", "-"));

test("number and code are nowhere but in the frame that seals them", async (t) => {
  const world = await startWorld(t);
  const { context, watch } = await newProfile(await startBrowser(t), world);
  const page = await context.newPage();
  const mail = new Mail(page);
  await signIn(page);
  await toConfirm(mail, "HC-2026-001202", NUMBER);
  await mail.pane.typeCode(CODE);
  // The looking itself works: here they do stand.
  assert.equal(await mail.pane.codeFrame.locator("#code").inputValue(), CODE);
  await mail.pane.payButton().click();
  await mail.pane.paid();
  await waitFor(async () => (await world.chargesFor("HC-2026-001202")) === 1, "the charge");

  const sent = watch.requests.map((request) => ({
    to: `${request.method()} ${request.url()}`,
    body: request.postData() ?? "",
  }));
  const sealed = sent.filter(({ to }) => /POST .*\/v1\/(cards|payments)$/.test(to));
  assert.equal(sealed.length, 2, "card and payment were sent");
  for (const { body } of sealed) assert.match(body, /eyJ[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+/, "as a JWE");
  for (const { to, body } of sent) {
    assert.ok(!holdsNumber(to) && !holdsNumber(body), `card number in ${to}`);
    assert.ok(!CODE_AS_VALUE.test(body) && !to.includes(CODE), `security code in ${to}`);
  }

  const stores = page
    .frames()
    .filter((frame) => frame.url().startsWith(world.address) && !frame.url().includes("/body"));
  for (const frame of stores) {
    const kept = await frame.evaluate(async () =>
      JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        await indexedDB.databases(),
        history.state,
      ]),
    );
    assert.ok(!holdsNumber(kept) && !CODE_AS_VALUE.test(kept), kept);
  }
  assert.equal(await page.evaluate(() => sessionStorage.getItem("saldo.attempt")), null, "the attempt is over");

  await world.end();
  const files = await world.filesKept();
  assert.ok(
    files.some(({ path }) => path.endsWith("saldo.db")),
    "the store was looked at",
  );
  for (const { path, bytes } of files) {
    const text = bytes.toString("latin1");
    assert.ok(!holdsNumber(text), `card number in ${path}`);
    assert.ok(!CODE_AS_VALUE.test(text), `security code in ${path}`);
  }
  assert.ok(!holdsNumber(world.log) && !CODE_AS_VALUE.test(world.log), "in the log");
  watch.assertQuiet();
});
