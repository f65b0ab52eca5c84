// 3-D Secure: the bank's page in a frame inside the pane; confirmed it pays, cancelled it does not.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { openMail, toConfirm } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite } from "./world.mjs";

describe("a payment that the bank wants confirmed", () => {
  const suite = endsWithSuite();
  let world;
  let mail;
  let watch;
  before(async () => {
    ({ world, mail, watch } = await openMail(suite));
  });

  const atBank = async () => {
    await mail.pane.region.getByText(`${EN.bank} ${EN.bankCancel}`, { exact: true }).waitFor();
    return mail.page.frameLocator(`iframe[title="${EN.bankFrame}"]`);
  };

  test("confirmed at the bank: paid", async () => {
    await toConfirm(mail, "HC-2026-001202", "4000 0025 0000 3155");
    await mail.pane.pay("GBP 375.00");
    const bank = await atBank();
    await bank.getByText("Do you want to make this payment?").waitFor();
    await bank.getByText("£375.00").or(bank.getByText("GBP 375.00")).waitFor();
    assert.equal(await world.chargesFor("HC-2026-001202"), 0, "not before the bank says yes");
    await bank.getByRole("button", { name: "Confirm" }).click();
    await mail.pane.paid();
    assert.equal(await world.chargesFor("HC-2026-001202"), 1);
    watch.assertQuiet();
  });

  test("cancelled at the bank: nothing is paid, and it may be tried again", async () => {
    const number = "HC-2026-001204";
    await mail.openInvoice(number);
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    await mail.pane.pay();
    const bank = await atBank();
    await bank.getByText("Do you want to make this payment?").waitFor();
    await bank.getByRole("button", { name: "Cancel" }).click();
    await mail.pane.notice.getByText(/Nothing was paid\./).waitFor();
    assert.equal(await world.chargesFor(number), 0);
    await mail.pane.payButton().waitFor();
    await mail.pane.close();
    await mail.payButton.waitFor();
    watch.assertQuiet();
  });
});
