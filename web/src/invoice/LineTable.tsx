// What was sold. On a narrow screen two columns are left, and what the others say stands below the name.

import { Button } from "@fluentui/react-components";
import { useId, useState } from "react";
import type { InvoiceDocument } from "../api/types";
import { useText } from "../text/catalogue";
import { formatDecimal } from "../text/format";
import styles from "./InvoiceView.module.css";
import { formatQuantity, rateText, unitText } from "./invoiceWords";
import { NumberCell } from "./NumberCell";

/** A document of two thousand lines is opened at its beginning. */
const LINES_FIRST = 50;

type Line = InvoiceDocument["lines"][number];

export function LineTable({ invoice }: { invoice: InvoiceDocument }) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const headingId = useId();
  const { lines, line_count, currency } = invoice;
  if (line_count === 0) return null;
  const shown = all ? lines : lines.slice(0, LINES_FIRST);
  const missing = line_count - lines.length;
  return (
    <section aria-labelledby={headingId}>
      <h4 id={headingId} className={styles.heading}>
        {t("invoice.lines")}
      </h4>
      <table className={styles.table} data-wide="">
        <caption className={styles.caption}>
          {currency === null
            ? t("invoice.lines_caption", { n: line_count })
            : t("invoice.lines_caption_in", { n: line_count, currency })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className={styles.full}>
              {t("invoice.line_no")}
            </th>
            <th scope="col">{t("invoice.item")}</th>
            <th scope="col" className={styles.full} data-numeric="">
              {t("invoice.quantity")}
            </th>
            <th scope="col" className={styles.full} data-numeric="">
              {t("invoice.price")}
            </th>
            <th scope="col" className={styles.full} data-numeric="">
              {t("invoice.rate")}
            </th>
            <th scope="col" data-numeric="">
              {t("invoice.net")}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and their numbers need not be unique
            <LineRow key={index} line={line} number={line.id ?? String(index + 1)} />
          ))}
        </tbody>
      </table>
      {lines.length > LINES_FIRST && (
        <Button className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("invoice.lines_first", { n: LINES_FIRST }) : t("invoice.lines_all", { n: lines.length })}
        </Button>
      )}
      {missing > 0 && <p className={styles.detail}>{t("invoice.lines_missing", { n: missing })}</p>}
    </section>
  );
}

function LineRow({ line, number }: { line: Line; number: string }) {
  const { t, language } = useText();
  const { name, description, quantity, unit, price, net } = line;
  const amount = quantity === undefined ? "" : formatQuantity(quantity, language);
  const measure = unit === undefined ? amount : `${amount} ${unitText(unit, t)}`.trim();
  const cost = price === undefined ? "" : formatDecimal(price, language);
  const rate = rateText(line.vat_rate, line.vat_category, t, language) ?? "";
  const brief = [
    [measure, cost].filter(Boolean).join(" × "),
    rate === "" ? "" : t("invoice.rate_brief", { rate }),
  ].filter(Boolean);
  return (
    <tr data-group={line.group ?? false}>
      <td className={styles.full}>{number}</td>
      <th scope="row" lang="">
        {name ?? description ?? "–"}
        {name !== undefined && description !== undefined && <span className={styles.detail}>{description}</span>}
        {line.group && <span className={styles.detail}>{t("invoice.group")}</span>}
        <span className={styles.brief}>{brief.join(" · ")}</span>
      </th>
      <NumberCell className={styles.full} text={measure} />
      <NumberCell className={styles.full} text={cost} />
      <NumberCell className={styles.full} text={rate} />
      <NumberCell text={net === undefined ? "" : formatDecimal(net, language)} />
    </tr>
  );
}
