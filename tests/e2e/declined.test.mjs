// The bank says no: plain words, nothing charged, and the way on.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn, toConfirm } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, startWorld } from "./world.mjs";

describe("a payment that the bank declines", () => {
  const suite = endsWithSuite();
  let world;
  let browser;
  before(async () => {
    world = await startWorld(suite);
    browser = await startBrowser(suite);
  });

  test("nothing is charged, and another card pays", async () => {
    const { context, watch } = await newProfile(browser, world);
    const mail = new Mail(await context.newPage());
    const { pane } = mail;
    await signIn(mail.page);
    await toConfirm(mail, "HC-2026-001202", "4000 0000 0000 0002");
    await pane.pay("GBP 375.00");
    await pane.notice.getByText(EN.declined).waitFor();
    await pane.at(EN.confirm);
    assert.equal(await mail.page.getByRole("alert").getByText(EN.declined).count(), 1, "read out");
    assert.equal(await pane.codeFrame.getByLabel(EN.code).inputValue(), "", "the code is typed anew");
    assert.equal(await world.chargesFor("HC-2026-001202"), 0);

    await pane.addCard("5555 5555 5555 4444");
    await pane.region.getByText("Mastercard •••• 4444, expires 12/30").waitFor();
    await pane.pay("GBP 375.00");
    await pane.paid();
    assert.equal(await world.chargesFor("HC-2026-001202"), 1);
    watch.assertQuiet();
  });

  test("a wrong security code is asked for again", async () => {
    const { context, watch } = await newProfile(browser, world);
    const mail = new Mail(await context.newPage());
    const { pane } = mail;
    await signIn(mail.page);
    await mail.openInvoice("NE-2026-001104");
    await mail.reviewAndPay();
    await pane.continue(EN.confirm);
    await pane.addCard("4000 0000 0000 0127");
    await pane.pay("GBP 34.80");
    await pane.notice.getByText(EN.wrongCode).waitFor();
    await pane.region.getByText("Visa •••• 0127, expires 12/30").waitFor();
    assert.equal(await pane.codeFrame.getByLabel(EN.code).inputValue(), "");
    assert.equal(await world.chargesFor("NE-2026-001104"), 0);
    await pane.close();
    await mail.payButton.waitFor();
    watch.assertQuiet();
  });

  test("a field that is wrong is named, focused, and nothing is sent", async () => {
    const { context, watch } = await newProfile(browser, world);
    const mail = new Mail(await context.newPage());
    const { pane, page } = mail;
    await signIn(page);
    await mail.openInvoice("NE-2026-001104");
    await mail.reviewAndPay();
    await pane.continue(EN.confirm);
    await pane.button(EN.addCard).click();
    await pane.at(EN.addCard);
    await pane.fillCard("4242 4242 4242 4241", { holder: "", expiry: "13/30" });
    await pane.button(EN.save).click();
    await pane.cardFrame.getByText("Check the card number: a digit looks wrong.").waitFor();
    await pane.cardFrame.getByText("Enter the date as MM/YY.").waitFor();
    const number = pane.cardFrame.getByLabel(EN.number);
    assert.equal(await number.getAttribute("aria-invalid"), "true");
    assert.match(await number.getAttribute("aria-describedby"), /number-error/);
    const posted = watch.requests.filter(
      (request) => request.method() === "POST" && request.url().endsWith("/v1/cards"),
    );
    assert.equal(posted.length, 0);
    watch.assertQuiet();
  });
});
