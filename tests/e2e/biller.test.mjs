// What the biller says decides: already paid, another amount, or no answer.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { openMail, plain, toConfirm } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite } from "./world.mjs";

describe("the biller's answer", () => {
  const suite = endsWithSuite();
  let world;
  let mail;
  let watch;
  before(async () => {
    ({ world, mail, watch } = await openMail(suite));
  });

  test("the amount changes between review and pay: both are shown, and it has to be confirmed anew", async () => {
    const number = "HC-2026-001202";
    watch.expect(409, "/v1/payments");
    await toConfirm(mail, number);
    await world.changeInvoice(number, { amount: { currency: "GBP", value: "401.25" } });
    await mail.pane.pay("GBP 375.00");
    await mail.pane.at(EN.review);
    await mail.pane.notice.getByText(EN.amountChanged("GBP 375.00", "GBP 401.25")).waitFor();
    assert.equal(await world.chargesFor(number), 0, "the old consent pays nothing");
    await mail.pane.continue(EN.confirm);
    assert.equal(await mail.pane.codeFrame.getByLabel(EN.code).inputValue(), "");
    await mail.pane.pay("GBP 401.25");
    await mail.pane.paid();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });

  test("where mail and biller differ, the review shows both", async () => {
    await mail.openInvoice("SB-2026-001903");
    await mail.reviewAndPay();
    await mail.pane.notice.getByText(EN.differences).waitFor();
    const row = mail.pane.region.getByRole("row", { name: /Amount/ });
    const [inMail, atBiller] = (await row.getByRole("cell").allInnerTexts()).map(plain);
    assert.match(inMail, /768[.,]75/);
    assert.notEqual(inMail, atBiller);
    const { amount } = await world.bill("SB-2026-001903");
    assert.ok(atBiller.replace(",", ".").includes(amount.value), `the biller asks ${amount.value}`);
    watch.assertQuiet();
  });

  test("paid at the biller before the review", async () => {
    await mail.openInvoice("NE-2026-001904");
    await mail.payButton.click();
    await mail.pane.at(EN.done);
    await mail.pane.region.getByText(/^Paid on |^This invoice is already paid\.$/).waitFor();
    assert.equal(await mail.pane.payButton().count(), 0);
    await mail.pane.close();
    await mail.payButton.waitFor({ state: "detached" });
    assert.equal(await world.chargesFor("NE-2026-001904"), 0);
    watch.assertQuiet();
  });

  test("paid at the biller between review and pay", async () => {
    const number = "HC-2026-001204";
    watch.expect(409, "/v1/payments");
    await mail.openInvoice(number);
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    await world.changeInvoice(number, { status: "paid" });
    await mail.pane.pay("GBP 74.88");
    await mail.pane.at(EN.done);
    await mail.pane.region.getByText(/^Paid on |^This invoice is already paid\.$/).waitFor();
    assert.equal(await world.chargesFor(number), 0);
    watch.assertQuiet();
  });

  test("the biller is down: plain words, and trying again works once it is back", async () => {
    const number = "NE-2026-001102";
    watch.expect(502, /\/review$/);
    watch.expect(503, /\/review$/);
    await world.fault("loadentity", "down", { invoice: number, count: -1 });
    await mail.openInvoice(number);
    await mail.payButton.click();
    await mail.pane.notice.getByText(EN.billerDown).waitFor();
    await world.clearFaults();
    await mail.pane.button(EN.tryAgain).click();
    await mail.pane.at(EN.review);
    await mail.pane.continue(EN.confirm);
    await mail.pane.pay("GBP 56.36");
    await mail.pane.paid();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });
});
