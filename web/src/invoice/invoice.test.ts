import { describe, expect, it } from "vitest";
import type { InvoiceDocument } from "../api/types";
import english from "../locales/en.json";
import polish from "../locales/pl.json";
import type { Translate } from "../text/catalogue";
import { askedAmount, formatText, isWorthShowing, titleOf } from "./invoiceLine";
import {
  checkText,
  countryText,
  formatAccount,
  formatQuantity,
  meansText,
  originText,
  rateText,
  unitText,
  vatIdLabel,
} from "./invoiceWords";

const speaking =
  (texts: Record<string, string>): Translate =>
  (id, values = {}) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replaceAll(`{${name}}`, String(value)),
      texts[id] ?? id,
    );
const t = speaking(english);
const pl = speaking(polish);

/** Intl puts no-break spaces; the eye does not care. */
const plain = (text: string | undefined) => text?.replace(/[\u00a0\u202f]/g, " ");

const invoice = (more: Partial<InvoiceDocument> = {}): InvoiceDocument => ({
  source: "xml",
  format: "UBL Invoice",
  origin: "a.xml",
  agreeing: [],
  profile: null,
  kind: "bill",
  type_code: "380",
  number: "F-7",
  issue_date: null,
  due_date: null,
  due_dates: [],
  period_start: null,
  period_end: null,
  payment_terms: null,
  buyer_reference: null,
  order_reference: null,
  preceding_number: null,
  series: null,
  seller: {},
  broker: {},
  buyer: {},
  payee: {},
  means_code: null,
  accounts: [],
  payer_account: null,
  mandate: null,
  split_payment: false,
  totals: {},
  currency: "PLN",
  currency_text: null,
  total: "1234.50",
  amount_due: "1000.00",
  lines: [],
  line_count: 0,
  vat: [],
  adjustments: [],
  documents: [],
  notes: [],
  remittance: null,
  confirmation_number: null,
  status: "unstated",
  forwarded: false,
  checks: [],
  ...more,
});

describe("the line of an invoice", () => {
  it("is there for documents, and for markup that says more than the card", () => {
    expect(isWorthShowing(invoice())).toBe(true);
    expect(isWorthShowing(invoice({ source: "action-request" }))).toBe(false);
    expect(isWorthShowing(invoice({ source: "json-ld", lines: [{ name: "Gas" }] }))).toBe(true);
  });

  it("names the document by what it is", () => {
    expect(titleOf(invoice(), t)).toBe("Invoice F-7");
    expect(titleOf(invoice({ kind: "credit" }), pl)).toBe("Faktura korygująca F-7");
    expect(titleOf(invoice({ number: null }), pl)).toBe("Faktura bez numeru");
  });

  it("names what it was read from in plain words", () => {
    expect(formatText(invoice(), t)).toBe("Electronic invoice (UBL)");
    expect(formatText(invoice({ source: "pdf", format: "CII" }), t)).toBe("PDF with an electronic invoice (CII)");
    expect(formatText(invoice({ source: "json-ld", format: "schema.org Invoice" }), t)).toBe(
      "Data in the message (schema.org Invoice)",
    );
  });

  it("says what is due, and for what is no bill the total only", () => {
    const due = askedAmount(invoice(), "pl");
    expect([due?.label, plain(due?.text)]).toEqual(["invoice.due", "1000,00 zł"]);
    const credit = askedAmount(invoice({ kind: "credit" }), "en");
    expect([credit?.label, plain(credit?.text)]).toEqual(["invoice.total", "PLN 1,234.50"]);
  });

  it("shows an amount that is no money as it was written", () => {
    const strange = invoice({ currency: null, total: null, amount_due: null, currency_text: "12 XQZ" });
    expect(askedAmount(strange, "en")?.text).toBe("12 XQZ");
    expect(askedAmount(invoice({ total: null, amount_due: null }), "en")).toBeNull();
  });
});

describe("numbers", () => {
  it("are exact decimals without idle zeros", () => {
    expect(formatQuantity("42.50", "en")).toBe("42.5");
    expect(formatQuantity("6.00", "pl")).toBe("6");
    expect(formatQuantity("100", "en")).toBe("100");
    expect(plain(formatQuantity("0.0001", "pl"))).toBe("0,0001");
    expect(formatQuantity("12345678901234567.25", "en")).toBe("12,345,678,901,234,567.25");
  });

  it("are accounts in groups, where they are accounts", () => {
    expect(formatAccount("PL61109010140000071219812874")).toBe("PL61 1090 1014 0000 0712 1981 2874");
    expect(formatAccount("61109010140000071219812874")).toBe("61 1090 1014 0000 0712 1981 2874");
    expect(formatAccount("SE:BANKGIRO-5050")).toBe("SE:BANKGIRO-5050");
  });
});

describe("codes", () => {
  it("are units that people write, or stay", () => {
    expect(["MTK", "C62", "HUR", "szt.", "ZZ"].map((unit) => unitText(unit, pl))).toEqual([
      "m²",
      "szt.",
      "godz.",
      "szt.",
      "ZZ",
    ]);
  });

  it("are VAT rates, or the reason why there is none", () => {
    expect(rateText("23", "S", t, "en")).toBe("23%");
    expect(rateText("5.50", "S", pl, "pl")).toBe("5,5%");
    expect(rateText("0", "AE", t, "en")).toBe("reverse charge");
    expect(rateText("0.00", "S", t, "en")).toBe("0%");
    expect(rateText("zw", undefined, pl, "pl")).toBe("zw.");
    expect(rateText(undefined, "E", t, "en")).toBe("exempt");
    expect(rateText("4% Z", undefined, t, "en")).toBe("4% Z");
    expect(rateText(undefined, undefined, t, "en")).toBeNull();
  });

  it("are means of payment of their own format", () => {
    expect(meansText(invoice({ means_code: "30" }), pl)).toBe("Przelew");
    expect(meansText(invoice({ means_code: "6", format: "KSeF FA(3)" }), pl)).toBe("Przelew");
    expect(meansText(invoice({ means_code: "6" }), t)).toBe("6");
    expect(meansText(invoice(), t)).toBeNull();
  });

  it("are countries by name, and the Polish number by its own", () => {
    expect(countryText("PL", "pl")).toBe("Polska");
    expect(countryText("ESP", "en")).toBe("ESP");
    expect(vatIdLabel({ vat_id: "PL1234563218" })).toBe("invoice.nip");
    expect(vatIdLabel({ vat_id: "1234563218", country: "PL" })).toBe("invoice.nip");
    expect(vatIdLabel({ vat_id: "DE123456789" })).toBe("invoice.vat_id");
  });
});

describe("where it was read from", () => {
  it("names file, PDF or message, and who agrees", () => {
    expect(originText(invoice(), t)).toBe("Read from the file a.xml (UBL).");
    expect(originText(invoice({ source: "pdf", format: "CII", origin: "r.pdf: factur-x.xml" }), t)).toBe(
      "Read from factur-x.xml inside the PDF r.pdf (CII).",
    );
    expect(originText(invoice({ source: "json-ld", format: "schema.org Invoice", origin: null }), t)).toBe(
      "Read from data in the message (schema.org Invoice).",
    );
    expect(originText(invoice({ agreeing: ["pdf", "json-ld", "new-thing"] }), t)).toMatch(
      /The same is said by: a PDF, data in the message, new-thing\.$/,
    );
  });
});

describe("what we noticed", () => {
  const check = { rule: "BR-CO-16", severity: "hold" as const, text: "The total comes to 738.00 (BR-CO-16)." };

  it("is the server's text in English", () => {
    expect(checkText(check, t, "en")).toEqual({ text: null, detail: check.text });
  });

  it("is a sentence of the rule in Polish, with the values below it", () => {
    expect(checkText(check, pl, "pl")).toEqual({ text: "Kwota do zapłaty się nie zgadza.", detail: check.text });
    expect(checkText({ ...check, rule: "number" }, pl, "pl").detail).toBeNull();
  });

  it("stays English where the rule has no sentence", () => {
    expect(checkText({ ...check, rule: "NEW-1" }, pl, "pl")).toEqual({ text: null, detail: check.text });
  });
});
