// The whole invoice as a document: who, what, how much, how to pay, and what we noticed about it. It offers no payment and
// no link: everything in it is what the sender says.

import type { InvoiceDocument } from "../api/types";
import { type TextId, useText } from "../text/catalogue";
import { formatDay } from "../text/format";
import { Checks } from "./Checks";
import { Facts } from "./Facts";
import styles from "./InvoiceView.module.css";
import { originText } from "./invoiceWords";
import { LineTable } from "./LineTable";
import { Parties } from "./Parties";
import { PaymentDetails } from "./PaymentDetails";
import { Sums } from "./Sums";

interface Props {
  invoice: InvoiceDocument;
  doubtful: boolean;
}

export default function InvoiceView({ invoice, doubtful }: Props) {
  const { t } = useText();
  return (
    <div className={styles.view}>
      <Notices invoice={invoice} doubtful={doubtful} />
      <Parties invoice={invoice} />
      <References invoice={invoice} />
      <LineTable invoice={invoice} />
      <Sums invoice={invoice} />
      <PaymentDetails invoice={invoice} />
      <Documents documents={invoice.documents} />
      <Notes notes={invoice.notes} />
      <p className={styles.origin}>{originText(invoice, t)}</p>
    </div>
  );
}

const NOTHING_TO_PAY: Record<InvoiceDocument["kind"], TextId | null> = {
  bill: null,
  credit: "invoice.nothing_credit",
  self_billed: "invoice.nothing_self_billed",
  direct_debit: "invoice.nothing_direct_debit",
};

function Notices({ invoice, doubtful }: Props) {
  const { t } = useText();
  const nothing = NOTHING_TO_PAY[invoice.kind];
  return (
    <>
      <p className={styles.claim} data-tone={doubtful ? "warning" : "neutral"}>
        {t(doubtful ? "invoice.claim_doubtful" : "invoice.claim")}
      </p>
      {nothing !== null && <p className={styles.notice}>{t(nothing)}</p>}
      {invoice.forwarded && <p className={styles.notice}>{t("invoice.forwarded")}</p>}
      <Checks checks={invoice.checks.filter(({ rule }) => rule !== "kind")} />
    </>
  );
}

function References({ invoice }: { invoice: InvoiceDocument }) {
  const { language } = useText();
  const day = (date: string | null) => (date === null ? null : formatDay(date, language));
  const { period_start, period_end, due_dates } = invoice;
  const period =
    period_start !== null && period_end !== null
      ? `${formatDay(period_start, language)} – ${formatDay(period_end, language)}`
      : day(period_start ?? period_end);
  return (
    <Facts
      facts={[
        ["invoice.series", invoice.series],
        ["invoice.number", invoice.number],
        ["invoice.issued", day(invoice.issue_date)],
        ["invoice.due_date", due_dates.map((date) => formatDay(date, language)).join(", ") || null],
        ["invoice.period", period],
        ["invoice.order", invoice.order_reference],
        ["invoice.buyer_reference", invoice.buyer_reference],
        ["invoice.preceding", invoice.preceding_number],
        ["invoice.confirmation", invoice.confirmation_number],
      ]}
    />
  );
}

function Documents({ documents }: { documents: InvoiceDocument["documents"] }) {
  const { t } = useText();
  if (documents.length === 0) return null;
  return (
    <section>
      <h4 className={styles.heading}>{t("invoice.documents")}</h4>
      <ul className={styles.list}>
        {documents.map(({ id, name, description, media_type }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and nothing in them need be unique
          <li key={index} lang="">
            {description ?? name ?? id ?? media_type}
            <span className={styles.detail}>
              {[description === undefined ? undefined : name, id, media_type].filter(Boolean).join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Notes({ notes }: { notes: readonly string[] }) {
  const { t } = useText();
  if (notes.length === 0) return null;
  return (
    <section>
      <h4 className={styles.heading}>{t("invoice.notes")}</h4>
      {notes.map((note, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and two may say the same
        <p key={index} className={styles.note} lang="">
          {note}
        </p>
      ))}
    </section>
  );
}
