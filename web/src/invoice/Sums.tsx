// Allowances and charges, VAT by rate, and the totals, as the document states them: nothing is added up here.

import { useId } from "react";
import type { InvoiceDocument } from "../api/types";
import { type TextId, useText } from "../text/catalogue";
import { formatDecimal } from "../text/format";
import styles from "./InvoiceView.module.css";
import { amountText } from "./invoiceLine";
import { rateText } from "./invoiceWords";
import { NumberCell } from "./NumberCell";

export function Sums({ invoice }: { invoice: InvoiceDocument }) {
  return (
    <>
      <Adjustments adjustments={invoice.adjustments} />
      <div className={styles.sums}>
        <VatTable vat={invoice.vat} />
        <Totals invoice={invoice} />
      </div>
    </>
  );
}

function Adjustments({ adjustments }: { adjustments: InvoiceDocument["adjustments"] }) {
  const { t, language } = useText();
  const headingId = useId();
  if (adjustments.length === 0) return null;
  return (
    <section aria-labelledby={headingId}>
      <h4 id={headingId} className={styles.heading}>
        {t("invoice.adjustments")}
      </h4>
      <table className={styles.table}>
        <thead className="unseen">
          <tr>
            <th scope="col">{t("invoice.reason")}</th>
            <th scope="col">{t("invoice.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {adjustments.map(({ charge, amount, reason }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and two may be alike
            <tr key={index}>
              <th scope="row">
                {t(charge ? "invoice.charge" : "invoice.allowance")}
                {reason !== undefined && (
                  <span className={styles.detail} lang="">
                    {reason}
                  </span>
                )}
              </th>
              <NumberCell text={amount === undefined ? "" : signed(formatDecimal(amount, language), charge)} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** With a true minus where it is taken off; a negative allowance stays as it is. */
function signed(amount: string, charge: boolean | undefined): string {
  return charge || /^[-−]/.test(amount) ? amount : `−${amount}`;
}

function VatTable({ vat }: { vat: InvoiceDocument["vat"] }) {
  const { t, language } = useText();
  const headingId = useId();
  if (vat.length === 0) return null;
  const number = (text: string | undefined) => (text === undefined ? "" : formatDecimal(text, language));
  return (
    <section aria-labelledby={headingId}>
      <h4 id={headingId} className={styles.heading}>
        {t("invoice.vat")}
      </h4>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("invoice.rate")}</th>
            <th scope="col" data-numeric="">
              {t("invoice.vat_base")}
            </th>
            <th scope="col" data-numeric="">
              {t("invoice.vat_amount")}
            </th>
          </tr>
        </thead>
        <tbody>
          {vat.map(({ rate, category, base, amount, reason }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and two may be alike
            <tr key={index}>
              <th scope="row">
                {rateText(rate, category, t, language) ?? "–"}
                {reason !== undefined && (
                  <span className={styles.detail} lang="">
                    {reason}
                  </span>
                )}
              </th>
              <NumberCell text={number(base)} />
              <NumberCell text={number(amount)} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const SUMS: ReadonlyArray<[keyof InvoiceDocument["totals"], TextId]> = [
  ["lines", "invoice.sum_lines"],
  ["allowances", "invoice.sum_allowances"],
  ["charges", "invoice.sum_charges"],
  ["without_vat", "invoice.sum_without_vat"],
  ["vat", "invoice.sum_vat"],
  ["with_vat", "invoice.sum_with_vat"],
  ["prepaid", "invoice.sum_prepaid"],
  ["rounding", "invoice.sum_rounding"],
];

/** Without allowances or charges the sum of the lines is the total without VAT. */
function isTold(key: string, totals: InvoiceDocument["totals"]): boolean {
  if (key === "lines") return totals.lines !== totals.without_vat;
  const text = totals[key as keyof typeof totals];
  const isExtra = key === "allowances" || key === "charges" || key === "prepaid" || key === "rounding";
  return !isExtra || !/^-?0(\.0+)?$/.test(text ?? "");
}

function Totals({ invoice }: { invoice: InvoiceDocument }) {
  const { t, language } = useText();
  const headingId = useId();
  const { totals, kind } = invoice;
  const sums = SUMS.filter(([key]) => totals[key] !== undefined && isTold(key, totals));
  const asked = kind === "bill" ? (invoice.amount_due ?? totals.due) : (totals.due ?? invoice.amount_due);
  const last = asked ?? invoice.total;
  if (sums.length === 0 && (last ?? null) === null) return null;
  const label =
    asked === undefined || asked === null ? "invoice.total" : kind === "bill" ? "invoice.due" : "invoice.amount";
  return (
    <section aria-labelledby={headingId} className={styles.totals}>
      <h4 id={headingId} className={styles.heading}>
        {t("invoice.totals")}
      </h4>
      <dl>
        {sums.map(([key, id]) => (
          <div key={key}>
            <dt>{t(id)}</dt>
            <dd>
              {key === "allowances" || key === "prepaid"
                ? signed(formatDecimal(totals[key] ?? "", language), false)
                : formatDecimal(totals[key] ?? "", language)}
            </dd>
          </div>
        ))}
        {last !== null && last !== undefined && (
          <div className={styles.last}>
            <dt>{t(label)}</dt>
            <dd>{amountText(last, invoice, language)}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}
