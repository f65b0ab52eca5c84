// Step 1: the biller's answer, just asked for. Where it disagrees with the mail, both are shown.

import { Button } from "@fluentui/react-components";
import { DocumentPdfRegular, ShieldCheckmarkRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useWallet } from "../api/queries";
import type { Card, Review } from "../api/types";
import { DocumentDialog } from "../document/lazy";
import { StateBadge } from "../mail/StateBadge";
import { useText } from "../text/catalogue";
import { formatDay, formatMoney } from "../text/format";
import { Differences } from "./Differences";
import facts from "./facts.module.css";
import type { Notice } from "./flow";
import { MessageLine, NoticeBar } from "./NoticeBar";
import styles from "./ReviewStep.module.css";
import { StepFrame } from "./StepFrame";

interface Props {
  review: Review;
  notice: Notice | null;
  onContinue: (cards: readonly Card[]) => void;
  onCancel: () => void;
}

export function ReviewStep({ review, notice, onContinue, onCancel }: Props) {
  const { t } = useText();
  const { data: wallet } = useWallet();
  const payable = review.amount !== null && review.amount.minor > 0;
  const proceed = () => {
    if (wallet !== undefined) onContinue(wallet.cards);
  };
  return (
    <StepFrame
      title={t("review.title")}
      actions={
        <>
          {payable && (
            <Button appearance="primary" size="large" onClick={proceed} aria-disabled={wallet === undefined}>
              {t("review.continue")}
            </Button>
          )}
          <Button appearance="subtle" onClick={onCancel}>
            {t("app.cancel")}
          </Button>
        </>
      }
    >
      {notice !== null && <NoticeBar notice={notice} />}
      {review.test && <MessageLine tone="info" text={t("card.test_hint")} />}
      <AmountDue review={review} />
      {!payable && (
        <MessageLine tone="info" text={t(review.amount === null ? "review.no_amount" : "review.nothing_due")} />
      )}
      {review.differences.length > 0 && <Differences differences={review.differences} />}
      <InvoiceFacts review={review} />
      {review.lines.length > 0 && <Lines lines={review.lines} />}
      {review.has_document && <FullInvoice review={review} />}
      <p className={styles.confirmed}>
        <ShieldCheckmarkRegular aria-hidden="true" />
        {t("card.confirmed", { domain: review.confirmed_domain })}
      </p>
    </StepFrame>
  );
}

function AmountDue({ review }: { review: Review }) {
  const { t, language } = useText();
  if (review.amount === null) return null;
  return (
    <div className={facts.amount}>
      <span className={facts.label}>{t("review.total")}</span>
      <span className={facts.value}>{formatMoney(review.amount, language)}</span>
      {review.due_date !== null && (
        <span className={facts.due}>
          {t("card.due_date")}: {formatDay(review.due_date, language)}
          {review.overdue_days > 0 && (
            <StateBadge state="past_due" text={t("card.overdue", { n: review.overdue_days })} />
          )}
        </span>
      )}
    </div>
  );
}

function InvoiceFacts({ review }: { review: Review }) {
  const { t, language } = useText();
  return (
    <dl className={facts.facts}>
      <div className={facts.pair}>
        <dt>{t("review.payee")}</dt>
        <dd lang="">{review.payee}</dd>
      </div>
      {review.broker_name !== null && (
        <div className={facts.pair}>
          <dt>{t("review.broker")}</dt>
          <dd lang="">{review.broker_name}</dd>
        </div>
      )}
      <div className={facts.pair}>
        <dt>{t("card.invoice_number")}</dt>
        <dd>{review.invoice_number}</dd>
      </div>
      {review.issue_date !== null && (
        <div className={facts.pair}>
          <dt>{t("review.issue_date")}</dt>
          <dd>{formatDay(review.issue_date, language)}</dd>
        </div>
      )}
    </dl>
  );
}

function Lines({ lines }: { lines: Review["lines"] }) {
  const { t, language } = useText();
  return (
    <section aria-label={t("review.lines")}>
      <h3 className={styles.heading}>{t("review.lines")}</h3>
      <ul className={styles.lines}>
        {lines.map(({ label, amount }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be equal in every word
          <li key={`${index} ${label}`} className={styles.line}>
            <span lang="">{label}</span>
            <span className={styles.money}>{formatMoney(amount, language)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function FullInvoice({ review }: { review: Review }) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button appearance="secondary" icon={<DocumentPdfRegular />} onClick={() => setOpen(true)}>
        {t("review.view_full")}
      </Button>
      {open && (
        <DocumentDialog
          title={t("document.invoice", { number: review.invoice_number })}
          address={`/v1/invoices/${review.invoice_id}/document`}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
