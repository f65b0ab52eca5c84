// From the codes of an invoice to plain words. Pure: what is not known stays as the document has it.

import type { InvoiceDocument, InvoiceParty } from "../api/types";
import english from "../locales/en.json";
import type { TextId, Translate } from "../text/catalogue";
import { formatDecimal } from "../text/format";
import type { Language } from "../text/language";
import { standardOf } from "./invoiceLine";

// ---- Numbers

/** A quantity or a rate: "42.50" is 42.5, "6.00" is 6. */
export function formatQuantity(text: string, language: Language): string {
  return formatDecimal(/^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text, language);
}

/** An account in groups of four, as people compare them. */
export function formatAccount(number: string): string {
  const isIban = /^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/.test(number);
  const isPolish = /^\d{26}$/.test(number);
  if (isPolish) return `${number.slice(0, 2)} ${formatAccountGroups(number.slice(2))}`;
  return isIban ? formatAccountGroups(number) : number;
}

function formatAccountGroups(digits: string): string {
  return digits.match(/.{1,4}/g)?.join(" ") ?? digits;
}

// ---- Units (UN/ECE recommendations 20 and 21)

const UNIT_SYMBOLS: Partial<Record<string, string>> = {
  KGM: "kg",
  GRM: "g",
  TNE: "t",
  MTR: "m",
  CMT: "cm",
  MMT: "mm",
  KMT: "km",
  MTK: "m²",
  MTQ: "m³",
  LTR: "l",
  MLT: "ml",
  KWH: "kWh",
  MWH: "MWh",
  KWT: "kW",
  SEC: "s",
  P1: "%",
};

const UNIT_WORDS: Partial<Record<string, TextId>> = {
  C62: "invoice.unit_piece",
  EA: "invoice.unit_piece",
  H87: "invoice.unit_piece",
  NAR: "invoice.unit_piece",
  PCE: "invoice.unit_piece",
  HUR: "invoice.unit_hour",
  MIN: "invoice.unit_minute",
  DAY: "invoice.unit_day",
  WEE: "invoice.unit_week",
  MON: "invoice.unit_month",
  ANN: "invoice.unit_year",
  SET: "invoice.unit_set",
  PR: "invoice.unit_pair",
  XPK: "invoice.unit_pack",
  PK: "invoice.unit_pack",
  XBX: "invoice.unit_pack",
  LS: "invoice.unit_lump_sum",
};

export function unitText(unit: string, t: Translate): string {
  const id = UNIT_WORDS[unit];
  return id === undefined ? (UNIT_SYMBOLS[unit] ?? unit) : t(id);
}

// ---- VAT

const VAT_CATEGORIES: readonly string[] = ["E", "AE", "K", "G", "O", "Z"];

/** Words that national formats have in place of a rate. */
const RATE_WORDS: Partial<Record<string, string>> = { zw: "E", oo: "AE", np: "O", "np I": "O", "np II": "O" };

function categoryText(code: string | undefined, t: Translate): string | null {
  return code !== undefined && VAT_CATEGORIES.includes(code) ? t(`invoice.vat_category_${code}` as TextId) : null;
}

/** "23%", or why there is no VAT: "exempt"; null where the document says neither. */
export function rateText(rate: string | undefined, category: string | undefined, t: Translate, language: Language) {
  const why = categoryText(rate === undefined ? category : (RATE_WORDS[rate] ?? category), t);
  if (rate === undefined || RATE_WORDS[rate] !== undefined) return why ?? rate ?? null;
  if (!/^\d+(\.\d+)?$/.test(rate)) return rate;
  const isZero = /^0+(\.0+)?$/.test(rate);
  return isZero && why !== null ? why : `${formatQuantity(rate, language)}%`;
}

// ---- Means of payment: each format has its own code list

type Means = "transfer" | "card" | "direct_debit" | "cash" | "cheque";

const UNTDID_4461: Partial<Record<string, Means>> = {
  "10": "cash",
  "20": "cheque",
  "30": "transfer",
  "31": "transfer",
  "42": "transfer",
  "48": "card",
  "49": "direct_debit",
  "54": "card",
  "55": "card",
  "58": "transfer",
  "59": "direct_debit",
};

const MEANS: ReadonlyArray<[format: string, codes: Partial<Record<string, Means>>]> = [
  ["UBL", UNTDID_4461],
  ["CII", UNTDID_4461],
  ["ZUGFeRD", UNTDID_4461],
  ["KSeF", { "1": "cash", "2": "card", "4": "cheque", "6": "transfer" }],
  ["FatturaPA", { MP01: "cash", MP02: "cheque", MP05: "transfer", MP08: "card", MP19: "direct_debit" }],
  ["Facturae", { "01": "cash", "02": "direct_debit", "04": "transfer", "11": "cheque", "19": "card" }],
];

export function meansText({ format, means_code }: InvoiceDocument, t: Translate): string | null {
  if (means_code === null) return null;
  const codes = MEANS.find(([start]) => format?.startsWith(start))?.[1];
  const means = codes?.[means_code];
  return means === undefined ? means_code : t(`invoice.means_${means}`);
}

// ---- Where it stands

function sourceName(source: string, t: Translate): string {
  const id = `invoice.source_${source.replaceAll("-", "_")}`;
  return id in english ? t(id as TextId) : source;
}

/** "Read from the file faktura.xml (UBL)", and what else in the message says the same. */
export function originText(invoice: InvoiceDocument, t: Translate): string {
  const { source, origin, agreeing } = invoice;
  const standard = standardOf(invoice);
  const [outer, inner] = source === "pdf" ? (origin ?? "").split(": ", 2) : [origin ?? ""];
  const place =
    origin === null
      ? t("invoice.read_from_message", { standard })
      : inner === undefined
        ? t("invoice.read_from_file", { file: outer ?? "", standard })
        : t("invoice.read_from_pdf", { file: outer ?? "", inner, standard });
  const others = agreeing.map((name) => sourceName(name, t)).join(", ");
  return agreeing.length === 0 ? place : `${place} ${t("invoice.agreeing", { sources: others })}`;
}

// ---- Checks

export interface CheckText {
  /** In the reader's language; null where only the server's English is there. */
  text: string | null;
  /** The server's English, where it says more than the text. */
  detail: string | null;
}

/** Checks of which the text in the catalogue says all. */
const SAID_IN_FULL: readonly string[] = ["number", "seller", "due_date"];

/** The server's English text names the values; other languages have a sentence per rule before it. */
export function checkText(
  { rule, text }: InvoiceDocument["checks"][number],
  t: Translate,
  language: Language,
): CheckText {
  const id = `invoice_check.${rule.toLowerCase().replaceAll("-", "_")}`;
  if (language === "en" || !(id in english)) return { text: null, detail: text };
  return { text: t(id as TextId), detail: SAID_IN_FULL.includes(rule) ? null : text };
}

// ---- Parties

/** Poland's number has a name that everybody there knows it by. */
export function vatIdLabel({ vat_id = "", country }: InvoiceParty): TextId {
  return /^PL\d{10}$/.test(vat_id) || (country === "PL" && /^\d{10}$/.test(vat_id)) ? "invoice.nip" : "invoice.vat_id";
}

/** "PL" by its name; longer codes stay. */
export function countryText(code: string, language: Language): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames([language], { type: "region" }).of(code) ?? code;
}
