// Nobody knows yet whether the payment went through: one charge, no second try, and the truth in the end.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { openMail, toConfirm } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite } from "./world.mjs";

describe("an answer that is lost", () => {
  const suite = endsWithSuite();
  let world;
  let mail;
  let watch;
  before(async () => {
    ({ world, mail, watch } = await openMail(suite));
  });

  const inDoubt = async () => {
    await mail.pane.region.getByText(EN.uncertain, { exact: true }).waitFor();
    assert.equal(await mail.pane.payButton().count(), 0, "Pay is locked");
  };

  test("between biller and server: locked, kept over a reload, settled by looking", async () => {
    const number = "HC-2026-001202";
    await toConfirm(mail, number);
    await world.fault("biller.complete", "drop_after", { invoice: number });
    for (const point of ["biller.lookup", "processor.lookup"]) await world.fault(point, "down", { count: -1 });
    await mail.pane.pay("GBP 375.00");
    await inDoubt();
    await mail.card.getByText("Being checked").waitFor();
    assert.equal(await mail.payButton.count(), 0, "the card is locked as well");
    await mail.page.reload();
    await mail.card.getByText("Being checked").waitFor();
    await inDoubt();
    await mail.pane.button(EN.checkNow).click();
    await mail.pane.button(EN.checkNow).waitFor();
    await inDoubt();
    await world.clearFaults();
    await mail.pane.button(EN.checkNow).click();
    await mail.pane.paid();
    await mail.card.getByText(EN.done, { exact: true }).waitFor();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });

  test("between server and browser: the payment is found again", async () => {
    const number = "HC-2026-001204";
    await mail.openInvoice(number);
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    await mail.page.route("**/v1/payments", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await route.fetch();
      await route.abort("connectionreset");
    });
    await mail.pane.pay("GBP 74.88");
    await mail.pane.paid();
    await mail.page.unrouteAll({ behavior: "wait" });
    assert.equal(await world.chargesFor(number), 1);
    assert.deepEqual(
      watch.complaints.filter((text) => !/ERR_CONNECTION_RESET/.test(text)),
      [],
    );
    watch.complaints.length = 0;
  });

  test("the request never gets out: after a while it may be tried again, and pays once", async () => {
    const number = "NE-2026-001104";
    await mail.openInvoice(number);
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    await mail.page.clock.install();
    await mail.page.route("**/v1/payments", (route) =>
      route.request().method() === "POST" ? route.abort("internetdisconnected") : route.continue(),
    );
    await mail.pane.pay("GBP 34.80");
    await inDoubt();
    await mail.page.unrouteAll({ behavior: "wait" });
    await mail.page.clock.fastForward("00:30");
    await mail.pane.notice.getByText("The payment didn't reach us. Nothing was paid. You can try again.").waitFor();
    await mail.pane.pay("GBP 34.80");
    await mail.pane.paid();
    assert.equal(await world.chargesFor(number), 1);
    // The second kind comes from turning the clock: it is tried in the message's frame as well, where no script may run.
    const known = /ERR_INTERNET_DISCONNECTED|Blocked script execution in '[^']*\/body'/;
    assert.deepEqual(
      watch.complaints.filter((text) => !known.test(text)),
      [],
    );
  });
});
