// The main job, in both languages: from sign-in to a paid invoice, then a second one with the saved card.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { GOOD_CARD, Mail, plain, signIn } from "./screens.mjs";
import { EN, PL } from "./words.mjs";
import { startWorld, waitFor } from "./world.mjs";

async function seesThePdf(page, words, opener, title) {
  await opener.click();
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.waitFor();
  const canvas = dialog.locator("canvas").first();
  await canvas.waitFor();
  // A drawn page has ink on it.
  await waitFor(
    () =>
      canvas.evaluate((element) => {
        const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
        return data.some((value, index) => index % 4 !== 3 && value < 128 && data[index - (index % 4) + 3] === 255);
      }),
    "ink on the page",
  );
  await dialog.getByRole("button", { name: words.close, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

async function assertPdf(download) {
  const bytes = await readFile(await download.path());
  assert.equal(bytes.subarray(0, 5).toString("latin1"), "%PDF-");
  assert.match(download.suggestedFilename(), /\.pdf$/);
}

async function firstInvoice(page, mail, invoice) {
  const { words, pane } = mail;
  await mail.openFolder(words.toPay);
  await mail.row(invoice.subject).first().click();
  await mail.card.getByText(words.invoiceFrom(invoice.seller)).waitFor();
  assert.equal(await mail.fact(words.amountDue), invoice.amount);
  assert.equal(await mail.fact(words.invoiceNumber), invoice.number);
  assert.match(await mail.fact(words.dueDate), invoice.dueDate);
  await mail.card.getByText(words.confirmed(invoice.domain)).waitFor();

  await mail.reviewAndPay();
  const text = plain(await pane.region.innerText());
  for (const fact of [invoice.seller, invoice.number, invoice.amount, words.dueDate, words.confirmed(invoice.domain)])
    assert.ok(text.includes(fact), `${fact} in ${text}`);
  await seesThePdf(page, words, pane.button(words.viewFull), new RegExp(invoice.number));

  await pane.continue(words.details);
  await pane.region.getByText(words.savedEncrypted).waitFor();
  await pane.region.getByText(words.billing, { exact: true }).waitFor();
  assert.ok(await pane.region.getByRole("checkbox", { name: words.sameAsCompany }).isChecked());
  if (invoice.ownBilling) await pane.fillBilling();
  await pane.saveFirstCard(GOOD_CARD);
  await pane.region.getByText(words.recipient, { exact: true }).waitFor();
  await pane.codeFrame.getByText(words.codeHint, { exact: true }).waitFor();
  await pane.pay(invoice.amount);
  await pane.paid();
}

async function paidForGood(page, mail, invoice, world) {
  const { words, pane } = mail;
  const reference = plain(await pane.region.getByText(words.paymentNo).innerText()).match(words.paymentNo)[1];
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    pane.region.getByRole("link", { name: words.download }).click(),
  ]);
  await assertPdf(download);
  await pane.button(words.next).waitFor();
  await pane.close();
  await mail.card.getByText(words.done, { exact: true }).waitFor();
  await mail.payButton.waitFor({ state: "detached" });

  await page.reload();
  await mail.card.getByText(words.done, { exact: true }).waitFor();
  assert.equal(await mail.payButton.count(), 0);
  const receipt = mail.card.getByRole("button", { name: words.receipt, exact: true });
  await seesThePdf(page, words, receipt, new RegExp(reference));
  await mail.openFolder(words.toPay);
  assert.equal(await mail.row(invoice.subject).count(), 0, "gone from To pay");
  await mail.openFolder(words.paid);
  await mail.row(invoice.subject).first().getByText(words.done, { exact: true }).waitFor();

  assert.equal(await world.chargesFor(invoice.number), 1);
  assert.equal((await world.bill(invoice.number)).paid, true);
}

async function secondInvoice(mail, invoice, world) {
  const { words, pane } = mail;
  await mail.openInvoice(invoice.number);
  await mail.reviewAndPay();
  await pane.continue(words.confirm);
  await pane.region.getByText(invoice.savedCard).waitFor();
  assert.equal(await pane.region.locator(`iframe[title="${words.cardFrame}"]`).count(), 0);
  await pane.pay(invoice.amount);
  await pane.paid();
  assert.equal(await world.chargesFor(invoice.number), 1);
}

test("an invoice is paid in English, and the next one with the saved card", async (t) => {
  const world = await startWorld(t);
  const { context, watch } = await newProfile(await startBrowser(t), world);
  const page = await context.newPage();
  const mail = new Mail(page, EN);
  await signIn(page);
  const invoice = {
    subject: "AL-2026-001203",
    seller: "Atelier Linden GmbH",
    number: "AL-2026-001203",
    amount: "EUR 2,451.40",
    dueDate: /^\d{1,2} \w{3,4} 20\d\d$/,
    domain: "mail.ledgerly.example",
    ownBilling: true,
  };
  await firstInvoice(page, mail, invoice);
  await paidForGood(page, mail, invoice, world);
  await secondInvoice(
    mail,
    { number: "NE-2026-001104", amount: "GBP 34.80", savedCard: "Visa •••• 4242, expires 12/30" },
    world,
  );
  watch.assertQuiet();
});

test("an invoice is paid in Polish, and the next one with the saved card", async (t) => {
  const world = await startWorld(t);
  const { context, watch } = await newProfile(await startBrowser(t), world, { locale: "pl-PL" });
  const page = await context.newPage();
  const mail = new Mail(page, PL);
  await signIn(page, PL);
  await page.goto("/settings");
  await page.getByRole("radio", { name: PL.language }).click();
  await page.getByRole("heading", { name: PL.settings }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "pl");
  const invoice = {
    subject: "SB-2026-001201",
    seller: "Studio Brzoza sp. z o.o.",
    number: "SB-2026-001201",
    amount: "4795,77 zł",
    dueDate: /^\d{1,2} [a-zśź]{3} 20\d\d$/,
    domain: "mail.ledgerly.example",
  };
  await firstInvoice(page, mail, invoice);
  await paidForGood(page, mail, invoice, world);
  await secondInvoice(
    mail,
    { number: "HC-2026-001202", amount: "375,00 GBP", savedCard: "Visa •••• 4242, ważna do 12/30" },
    world,
  );
  watch.assertQuiet();
});
