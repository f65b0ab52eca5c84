// Impatience: two tabs on one invoice, and a double click on Pay. One charge, and both tabs see it.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, payInFull, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, startWorld } from "./world.mjs";

describe("two tabs of one browser", () => {
  const suite = endsWithSuite();
  let world;
  let watch;
  let tabs;
  before(async () => {
    world = await startWorld(suite);
    const profile = await newProfile(await startBrowser(suite), world);
    watch = profile.watch;
    tabs = [new Mail(await profile.context.newPage()), new Mail(await profile.context.newPage())];
    await signIn(tabs[0].page);
    await payInFull(tabs[0], "NE-2026-001104");
  });

  const bothAtConfirm = (number) =>
    Promise.all(
      tabs.map(async (mail) => {
        await mail.openInvoice(number);
        await mail.payButton.click();
        await mail.pane.button(EN.continue).click();
        await mail.pane.codeFrame.getByLabel(EN.code).waitFor();
        await mail.pane.typeCode();
      }),
    );
  const paidInBoth = () => Promise.all(tabs.map((mail) => mail.card.getByText(EN.done, { exact: true }).waitFor()));

  test("a double click charges once, and the other tab hears of it", async () => {
    const number = "HC-2026-001202";
    await bothAtConfirm(number);
    await tabs[0].pane.payButton("GBP 375.00").dblclick();
    await tabs[0].pane.paid();
    await paidInBoth();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });

  test("both tabs press Pay at once: one charge, Paid in both", async () => {
    const number = "HC-2026-001204";
    watch.expect(409, "/v1/payments");
    await bothAtConfirm(number);
    await Promise.all(tabs.map((mail) => mail.pane.payButton("GBP 74.88").click()));
    await Promise.all(tabs.map((mail) => mail.pane.paid()));
    await paidInBoth();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });
});
