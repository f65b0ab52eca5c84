// An invoice that the message carries: one line, and the whole of it on demand. Only a claim of the sender: paying goes by
// the payment card alone.

import { Button } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronUpRegular, DocumentTextRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useId, useState } from "react";
import type { InvoiceDocument } from "../api/types";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import { formatDay } from "../text/format";
import styles from "./InvoiceSection.module.css";
import { askedAmount, formatText, titleOf } from "./invoiceLine";

// The document is loaded only when it is opened.
const InvoiceView = lazy(() => import("./InvoiceView"));

interface Props {
  invoice: InvoiceDocument;
  /** Nobody vouches for the sender of the message. */
  doubtful: boolean;
}

export function InvoiceSection({ invoice, doubtful }: Props) {
  const { t, language } = useText();
  const [open, setOpen] = useState(false);
  const titleId = useId();
  const viewId = useId();
  const amount = askedAmount(invoice, language);
  const seller = invoice.seller.name ?? invoice.seller.trading_name;
  return (
    <section className={styles.section} aria-labelledby={titleId} data-testid="invoice">
      <div className={styles.line}>
        <span className={styles.icon} aria-hidden="true">
          <DocumentTextRegular />
        </span>
        <div className={styles.what}>
          <h3 id={titleId} className={styles.title}>
            {titleOf(invoice, t)}
          </h3>
          <p className={styles.about}>
            {seller !== undefined && (
              <span className={styles.seller} lang="">
                {seller}
              </span>
            )}
            <span>{formatText(invoice, t)}</span>
          </p>
        </div>
        {amount !== null && (
          <div className={styles.amount}>
            <span className={styles.value}>
              <span className="unseen">{t(amount.label)} </span>
              {amount.text}
            </span>
            {invoice.due_date !== null && invoice.kind === "bill" && (
              <span className={styles.due}>{t("invoice.due_on", { date: formatDay(invoice.due_date, language) })}</span>
            )}
          </div>
        )}
        <Button
          className={styles.toggle}
          appearance="subtle"
          icon={open ? <ChevronUpRegular /> : <ChevronDownRegular />}
          iconPosition="after"
          aria-expanded={open}
          aria-controls={viewId}
          aria-describedby={titleId}
          onClick={() => setOpen(!open)}
        >
          {t(open ? "invoice.hide" : "invoice.show")}
        </Button>
      </div>
      <div id={viewId} hidden={!open}>
        {open && (
          <Suspense fallback={<Loading />}>
            <InvoiceView invoice={invoice} doubtful={doubtful} />
          </Suspense>
        )}
      </div>
    </section>
  );
}

function Loading() {
  const { t } = useText();
  return (
    <div className={styles.loading} role="img" aria-label={t("app.loading")}>
      <Skeleton width="60%" />
      <Skeleton width="80%" />
      <Skeleton width="40%" />
    </div>
  );
}
