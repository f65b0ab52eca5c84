// The invoice that a mail carries, shown as a document: opened by keyboard, in both languages and both themes.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { axeFindings, newProfile, startBrowser } from "./browser.mjs";
import { Mail, plain, signIn } from "./screens.mjs";
import { EN, PL } from "./words.mjs";
import { endsWithSuite, startWorld, waitFor } from "./world.mjs";

const TABS_MAX = 60;
const NUMBER = "TO-2026-001401";
const DAY = "[0-9]{1,2} \\p{L}{3,4} 20[0-9]{2}";

/** The words of the document, apart from the app's own catalogues. */
const WORDS = {
  en: {
    ...EN,
    title: (number) => `Invoice ${number}`,
    show: "Show invoice",
    hide: "Hide invoice",
    seller: "Seller",
    buyer: "Buyer",
    lines: "Items",
    columns: ["No.", "Item", "Quantity", "Unit price", "VAT rate", "Net amount"],
    caption: "4 items, amounts in PLN",
    firstLine: ["1", "Deska tarasowa", "42.5 m²", "148.00", "23%", "6,290.00"],
    montage: ["38 h", "120.00", "8%", "4,560.00"],
    adjustment: "−231.00",
    rates: [
      ["23%", "8,000.00", "1,840.00"],
      ["8%", "4,560.00", "364.80"],
    ],
    total: ["Total with VAT", "14,764.80"],
    prepaid: ["Already paid", "−4,000.00"],
    due: ["Amount due", "PLN 10,764.80"],
    account: "Account named in the invoice",
    readFrom: /^Read from the file faktura-TO-[0-9-]+\.xml \(UBL\)\.$/,
  },
  pl: {
    ...PL,
    title: (number) => `Faktura ${number}`,
    show: "Pokaż fakturę",
    hide: "Ukryj fakturę",
    seller: "Sprzedawca",
    buyer: "Nabywca",
    lines: "Pozycje",
    columns: ["Lp.", "Nazwa", "Ilość", "Cena netto", "Stawka VAT", "Wartość netto"],
    caption: "4 pozycje, kwoty w PLN",
    firstLine: ["1", "Deska tarasowa", "42,5 m²", "148,00", "23%", "6290,00"],
    montage: ["38 godz.", "120,00", "8%", "4560,00"],
    adjustment: "−231,00",
    rates: [
      ["23%", "8000,00", "1840,00"],
      ["8%", "4560,00", "364,80"],
    ],
    total: ["Wartość brutto", "14 764,80"],
    prepaid: ["Zapłacono wcześniej", "−4000,00"],
    due: ["Do zapłaty", "10 764,80 zł"],
    account: "Rachunek podany na fakturze",
    readFrom: /^Odczytano z pliku faktura-TO-[0-9-]+\.xml \(UBL\)\.$/,
  },
};

const texts = async (locators) => (await locators.allInnerTexts()).map(plain);

class Document {
  constructor(page, words, number) {
    this.page = page;
    this.words = words;
    this.region = page.getByRole("region", { name: words.title(number), exact: true });
    this.show = this.region.getByRole("button", { name: words.show, exact: true });
    this.hide = this.region.getByRole("button", { name: words.hide, exact: true });
    this.table = this.region.getByRole("region", { name: words.lines, exact: true }).getByRole("table");
  }

  cells(row) {
    return texts(this.table.getByRole("row").nth(row).locator("th, td"));
  }

  async fact(label) {
    const pair = this.region
      .locator("dl > div")
      .filter({ has: this.page.locator("dt", { hasText: new RegExp(`^${label}$`) }) })
      .last();
    return plain(await pair.locator("dd").innerText());
  }
}

describe("an invoice attached as XML", () => {
  const suite = endsWithSuite();
  let world;
  let browser;
  before(async () => {
    world = await startWorld(suite);
    browser = await startBrowser(suite);
  });

  for (const [language, words] of Object.entries(WORDS))
    test(`is read with the keyboard alone, in ${words.language}`, async () => {
      const { context, watch } = await newProfile(browser, world, { locale: language === "pl" ? "pl-PL" : "en-GB" });
      const page = await context.newPage();
      const mail = new Mail(page, words);
      await signIn(page, words);
      // The account remembers a language; it is this one's from now on.
      await speak(page, language);
      const id = (await mail.messages()).find(({ subject }) => subject === `Faktura ${NUMBER}`).id;
      await mail.openMessage(id);
      const invoice = new Document(page, words, NUMBER);
      await invoice.show.waitFor();
      assert.match(plain(await invoice.region.innerText()), /Tartak Olszyna sp\. z o\.o\./);
      assert.equal(await mail.card.count(), 0, "nothing can be paid from it");

      await tabTo(page, invoice.show);
      await page.keyboard.press("Enter");
      await invoice.table.waitFor();
      assert.equal(await invoice.hide.getAttribute("aria-expanded"), "true");
      await checkDocument(invoice, words);
      assert.equal(await invoice.region.locator("a[href], form, iframe, img").count(), 0, "nothing that leads away");
      assert.equal(await invoice.region.getByRole("button").count(), 1, "and nothing that pays");

      await page.keyboard.press("Enter");
      await invoice.table.waitFor({ state: "detached" });
      await page.waitForFunction((name) => document.activeElement?.textContent === name, words.show);
      watch.assertQuiet();
    });

  for (const theme of ["light", "dark"])
    test(`axe has nothing to say about it in the ${theme} theme`, async () => {
      const { context, watch } = await newProfile(browser, world, { dark: theme === "dark" });
      const mail = new Mail(await context.newPage());
      await signIn(mail.page);
      await speak(mail.page, "en");
      await mail.open(NUMBER);
      const invoice = new Document(mail.page, WORDS.en, NUMBER);
      await invoice.show.click();
      await invoice.table.waitFor();
      assert.deepEqual(await axeFindings(mail.page), []);
      watch.assertQuiet();
    });

  test("it fits a telephone's screen", async () => {
    const { context, watch } = await newProfile(browser, world, { viewport: { width: 390, height: 844 } });
    const mail = new Mail(await context.newPage());
    await signIn(mail.page);
    await speak(mail.page, "en");
    await mail.open(NUMBER);
    const invoice = new Document(mail.page, WORDS.en, NUMBER);
    await invoice.show.click();
    await invoice.table.waitFor();
    await fits(invoice);
    assert.match(await invoice.table.getByRole("row").nth(1).innerText(), /42\.5 m² × 148\.00 · VAT: 23%/);
    assert.equal(await invoice.table.getByRole("columnheader").count(), 2, "the other columns stand below the name");
    watch.assertQuiet();
  });
});

describe("invoices that need a word of caution", () => {
  const suite = endsWithSuite();
  let world;
  let mail;
  let watch;
  before(async () => {
    world = await startWorld(suite);
    const profile = await newProfile(await startBrowser(suite), world);
    watch = profile.watch;
    mail = new Mail(await profile.context.newPage());
    await signIn(mail.page);
  });

  const open = async (number, title = WORDS.en.title) => {
    await waitFor(async () => (await mail.messages()).some(({ subject }) => subject?.includes(number)), "the mail");
    await mail.open(number);
    const invoice = new Document(mail.page, { ...WORDS.en, title }, number);
    await invoice.show.click();
    await invoice.region.getByRole("heading", { name: "Totals" }).waitFor();
    return invoice;
  };

  test("a long one from a forged sender: 50 lines, then all of them, and a warning", async () => {
    await world.deliver(mailWith("LONG-7", ublInvoice({ number: "LONG-7", lines: 120 })));
    const invoice = await open("LONG-7");
    await invoice.region.getByText("We couldn't confirm who sent this invoice.").waitFor();
    const rows = () => invoice.table.getByRole("row").count();
    assert.equal(await rows(), 51);
    await invoice.region.getByRole("button", { name: "Show all 120 items" }).click();
    assert.equal(await rows(), 121);
    await invoice.region.getByRole("button", { name: "Show the first 50 items" }).click();
    assert.equal(await rows(), 51);
    assert.equal(await mail.page.evaluate(() => window.marks), undefined);
    assert.match(plain(await invoice.table.getByRole("row").nth(1).innerText()), /<img src=x onerror=marks=1>/);
    await fits(invoice);
    assert.deepEqual(await axeFindings(mail.page), []);
    await mail.page.setViewportSize({ width: 390, height: 844 });
    await fits(invoice);
    await mail.page.setViewportSize({ width: 1280, height: 800 });
    watch.assertQuiet();
  });

  test("totals that do not add up are named", async () => {
    await world.deliver(mailWith("SUM-8", ublInvoice({ number: "SUM-8", lines: 2, due: "999.00" })));
    const invoice = await open("SUM-8");
    const noticed = invoice.region.locator("li", { hasText: "BR-CO-16" });
    await noticed.waitFor();
    assert.match(plain(await noticed.innerText()), /^Error: /);
    for (const colorScheme of ["dark", "light"]) {
      await mail.page.emulateMedia({ colorScheme });
      assert.deepEqual(await axeFindings(mail.page), [], colorScheme);
    }
    watch.assertQuiet();
  });

  test("a credit note says that there is nothing to pay", async () => {
    await world.deliver(mailWith("KOR-9", ublInvoice({ number: "KOR-9", lines: 1, type: "381" })));
    const invoice = await open("KOR-9", (number) => `Credit note ${number}`);
    await invoice.region.getByText("This is a credit note: there is nothing to pay.").waitFor();
    assert.equal(await invoice.region.getByText("Amount due").count(), 0);
    watch.assertQuiet();
  });

  test("what says no more than the payment card is not shown twice", async () => {
    await mail.openInvoice("NE-2026-001101");
    assert.equal(await mail.page.getByTestId("invoice").count(), 0);
    watch.assertQuiet();
  });
});

/** Nothing sticks out of the invoice's own frame, whatever the document says. */
async function fits({ region }) {
  const sticksOut = await region.evaluate((frame) => {
    const { right } = frame.getBoundingClientRect();
    return [...frame.querySelectorAll("*")]
      .filter((element) => !element.closest(".unseen") && element.getBoundingClientRect().right > right)
      .map((element) => element.outerHTML.slice(0, 80));
  });
  assert.deepEqual(sticksOut, []);
  const wide = await region.page().evaluate(() => {
    const pane = document.querySelector("[data-region=reading]");
    return Math.max(document.documentElement.scrollWidth - innerWidth, pane.scrollWidth - pane.clientWidth);
  });
  assert.ok(wide <= 0, `${wide} px too wide`);
}

async function speak(page, language) {
  const csrf = (await (await page.request.get("/v1/session")).json()).csrf;
  await page.request.patch("/v1/session", { data: { language }, headers: { "X-CSRF-Token": csrf } });
  await page.reload();
  await page.locator(`html[lang=${language}]`).waitFor();
  await page.getByRole("listbox").or(page.locator("#message-heading")).first().waitFor();
}

async function tabTo(page, locator) {
  for (let tabs = 0; tabs < TABS_MAX; tabs++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`not reached by Tab: ${locator}`);
}

async function checkDocument(invoice, words) {
  const { region, table } = invoice;
  for (const role of [words.seller, words.buyer])
    await region.getByRole("heading", { name: role, exact: true }).waitFor();
  assert.match(plain(await region.innerText()), /ul\. Leśna 4, 59-830 Olszyna/);
  assert.equal(plain(await table.locator("caption").innerText()), words.caption);
  assert.deepEqual(await texts(table.getByRole("columnheader")), words.columns);
  const first = await invoice.cells(1);
  assert.match(first[1], /^Deska tarasowa Modrzew syberyjski/);
  assert.deepEqual([first[0], "Deska tarasowa", ...first.slice(2)], words.firstLine);
  assert.deepEqual((await invoice.cells(4)).slice(2), words.montage);
  await region
    .getByRole("row", { name: /Rabat dla stałego klienta/ })
    .getByText(words.adjustment)
    .waitFor();
  const vat = region.getByRole("region", { name: /^VAT by rate$|^Podatek VAT według stawek$/ });
  for (const [row, cells] of words.rates.entries())
    assert.deepEqual(
      await texts(
        vat
          .getByRole("row")
          .nth(row + 1)
          .locator("th, td"),
      ),
      cells,
    );
  for (const [label, value] of [words.total, words.prepaid, words.due]) assert.equal(await invoice.fact(label), value);
  assert.match(await invoice.fact(words.account), /^PL61 1090 1014 0000 0712 1981 2874 Tartak Olszyna/);
  assert.match(await invoice.fact(words.dueDate), new RegExp(`^${DAY}$`, "u"));
  await region.getByText("Protokół odbioru montażu").waitFor();
  await region.getByText(words.readFrom).waitFor();
}

const ENDLESS = "Donaudampfschifffahrt".repeat(20);

/** Lines of 10.00 at 23 %; the first one has markup for a name, and more text than any column has room for. */
function ublInvoice({ number, lines, due, type = "380" }) {
  const net = lines * 10;
  const vat = (net * 23) / 100;
  const amount = (name, value) => `<b:${name} currencyID="EUR">${value}</b:${name}>`;
  const rate = "<b:ID>S</b:ID><b:Percent>23</b:Percent><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme>";
  const party = (role, name) =>
    `<a:Accounting${role}Party><a:Party><a:PartyLegalEntity><b:RegistrationName>${name}</b:RegistrationName>` +
    `<b:CompanyID>X-1</b:CompanyID></a:PartyLegalEntity></a:Party></a:Accounting${role}Party>`;
  const line = (_, index) => {
    const name = index === 0 ? `&lt;img src=x onerror=marks=1&gt;${ENDLESS}` : `Part ${index + 1}`;
    return (
      `<a:InvoiceLine><b:ID>${index + 1}</b:ID><b:InvoicedQuantity unitCode="${index === 0 ? ENDLESS : "C62"}">1</b:InvoicedQuantity>` +
      `${amount("LineExtensionAmount", "10.00")}<a:Item><b:Name>${name}</b:Name><a:ClassifiedTaxCategory>${rate}` +
      `</a:ClassifiedTaxCategory></a:Item><a:Price>${amount("PriceAmount", "10.00")}</a:Price></a:InvoiceLine>`
    );
  };
  const ubl = "urn:oasis:names:specification:ubl:schema:xsd:";
  return [
    `<Invoice xmlns="${ubl}Invoice-2" xmlns:a="${ubl}CommonAggregateComponents-2" xmlns:b="${ubl}CommonBasicComponents-2">`,
    `<b:CustomizationID>urn:cen.eu:en16931:2017</b:CustomizationID><b:ID>${number}</b:ID><b:IssueDate>2026-06-08</b:IssueDate>`,
    `<b:DueDate>2026-07-08</b:DueDate><b:InvoiceTypeCode>${type}</b:InvoiceTypeCode>`,
    "<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>",
    party("Supplier", `Teile AG ${ENDLESS}`),
    party("Customer", "Demo Company"),
    `<a:PaymentMeans><b:PaymentMeansCode>30</b:PaymentMeansCode><b:PaymentID>${ENDLESS}</b:PaymentID><a:PayeeFinancialAccount>`,
    `<b:ID>${ENDLESS}</b:ID></a:PayeeFinancialAccount></a:PaymentMeans>`,
    `<a:TaxTotal>${amount("TaxAmount", vat.toFixed(2))}<a:TaxSubtotal>${amount("TaxableAmount", net.toFixed(2))}`,
    `${amount("TaxAmount", vat.toFixed(2))}<a:TaxCategory>${rate}</a:TaxCategory></a:TaxSubtotal></a:TaxTotal>`,
    `<a:LegalMonetaryTotal>${amount("LineExtensionAmount", net.toFixed(2))}${amount("TaxExclusiveAmount", net.toFixed(2))}`,
    `${amount("TaxInclusiveAmount", (net + vat).toFixed(2))}${amount("PayableAmount", due ?? (net + vat).toFixed(2))}`,
    "</a:LegalMonetaryTotal>",
    ...Array.from({ length: lines }, line),
    "</Invoice>",
  ].join("");
}

/** Unsigned, as a forger sends it. */
function mailWith(number, xml) {
  const encoded = Buffer.from(xml)
    .toString("base64")
    .match(/.{1,76}/g);
  return [
    'From: "Teile AG" <rechnung@teile.example>',
    "To: anna@demo.example",
    `Subject: Rechnung ${number}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${number}@teile.example>`,
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=cut",
    "",
    "--cut",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "Rechnung im Anhang.",
    "--cut",
    `Content-Type: application/xml; name="${number}.xml"`,
    "Content-Transfer-Encoding: base64",
    "",
    ...encoded,
    "--cut--",
    "",
  ].join("\r\n");
}
