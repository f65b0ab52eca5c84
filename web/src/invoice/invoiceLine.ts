// What the one line of an invoice says, and whether there is anything to show beyond it. Pure.

import type { InvoiceDocument } from "../api/types";
import type { TextId, Translate } from "../text/catalogue";
import { formatClaimedMoney } from "../text/format";
import type { Language } from "../text/language";

/** Markup of a few values says no more than the payment card or the claims do; a document, or lines, do. */
export function isWorthShowing({ source, lines, vat, accounts, documents, notes }: InvoiceDocument): boolean {
  const isFile = source === "pdf" || source === "xml" || source === "signed-xml";
  return isFile || [lines, vat, accounts, documents, notes].some((list) => list.length > 0);
}

export function titleOf({ kind, number }: InvoiceDocument, t: Translate): string {
  return t(`invoice.title_${kind}`, { number: number ?? t("invoice.no_number") });
}

const FILES: Partial<Record<InvoiceDocument["source"], TextId>> = {
  xml: "invoice.electronic",
  "signed-xml": "invoice.electronic",
  pdf: "invoice.embedded",
};

/** "UBL Invoice" and "UBL CreditNote" are two roots of one standard. */
export function standardOf({ format }: InvoiceDocument): string {
  return (format ?? "").replace(/^UBL .*/, "UBL");
}

/** What kind of file, or none, the invoice was read from: "Electronic invoice (UBL)". */
export function formatText(invoice: InvoiceDocument, t: Translate): string {
  return t(FILES[invoice.source] ?? "invoice.from_data", { standard: standardOf(invoice) });
}

/** An amount with the invoice's currency, or as it came where that is not known. */
export function amountText(amount: string, { currency }: InvoiceDocument, language: Language): string {
  return formatClaimedMoney(currency === null ? amount : `${amount} ${currency}`, language);
}

/** What is due, else the total; null where neither could be read. */
export function askedAmount(invoice: InvoiceDocument, language: Language): { label: TextId; text: string } | null {
  if (invoice.kind === "bill" && invoice.amount_due !== null)
    return { label: "invoice.due", text: amountText(invoice.amount_due, invoice, language) };
  const total = invoice.total ?? invoice.amount_due;
  if (total !== null) return { label: "invoice.total", text: amountText(total, invoice, language) };
  return invoice.currency_text === null ? null : { label: "invoice.total", text: invoice.currency_text };
}
