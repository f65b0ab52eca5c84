// The payment card: drawn by the app, outside the message frame, so that no mail can paint one.

import { Button } from "@fluentui/react-components";
import { ReceiptMoneyRegular, ShieldCheckmarkRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { InvoiceState, PaymentCardFacts } from "../api/types";
import { DocumentDialog } from "../document/lazy";
import { usePaymentPane } from "../shell/paymentPane";
import { useText } from "../text/catalogue";
import { formatDay, formatMomentDay, formatMoney } from "../text/format";
import styles from "./PaymentCard.module.css";
import { StateBadge } from "./StateBadge";

const PAYABLE: ReadonlySet<InvoiceState> = new Set(["due", "past_due", "part_paid", "declined"]);
const IN_DOUBT: ReadonlySet<InvoiceState> = new Set(["processing", "unknown"]);

interface Props {
  messageId: string;
  card: PaymentCardFacts;
}

export function PaymentCard({ messageId, card }: Props) {
  const { t, language } = useText();
  const overdue = card.overdue_days > 0 && PAYABLE.has(card.state);
  return (
    <section className={styles.card} aria-label={t("card.region")} data-testid="payment-card">
      <header className={styles.head}>
        <span className={styles.icon} aria-hidden="true">
          <ReceiptMoneyRegular />
        </span>
        <div className={styles.who}>
          <h3 className={styles.title}>
            {card.seller_name === null ? t("card.from_unknown") : <Seller name={card.seller_name} />}
          </h3>
          {card.broker_name !== null && (
            <div className={styles.broker}>{t("card.by_broker", { broker: card.broker_name })}</div>
          )}
        </div>
        <StateBadge
          state={overdue ? "past_due" : card.state}
          {...(overdue && { text: t("card.overdue", { n: card.overdue_days }) })}
        />
      </header>
      <dl className={styles.facts}>
        <div>
          <dt>{t(card.state === "complete" ? "card.amount_paid" : "card.amount_due")}</dt>
          <dd className={styles.amount}>
            {card.amount_due === null ? t("card.unknown_value") : formatMoney(card.amount_due, language)}
          </dd>
        </div>
        <div>
          <dt>{t("card.due_date")}</dt>
          <dd>{card.due_date === null ? t("card.unknown_value") : formatDay(card.due_date, language)}</dd>
        </div>
        <div>
          <dt>{t("card.invoice_number")}</dt>
          <dd className={styles.number}>{card.number ?? t("card.unknown_value")}</dd>
        </div>
      </dl>
      <Outcome card={card} />
      <Actions messageId={messageId} card={card} />
      <p className={styles.confirmed}>
        <ShieldCheckmarkRegular aria-hidden="true" />
        {t("card.confirmed", { domain: card.confirmed_domain })}
      </p>
    </section>
  );
}

/** The supplier's own name keeps its language: a screen reader must not read it as the reader's. */
function Seller({ name }: { name: string }) {
  const { t } = useText();
  const [before = "", after = ""] = t("card.from", { seller: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <span lang="">{name}</span>
      {after}
    </>
  );
}

function Outcome({ card }: { card: PaymentCardFacts }) {
  const { t, language } = useText();
  if (card.payment?.state === "action") return <p className={styles.outcome}>{t("card.waiting_bank")}</p>;
  if (card.state === "processing") return <p className={styles.outcome}>{t("card.processing")}</p>;
  if (card.state === "unknown") return <p className={styles.outcome}>{t("card.checking")}</p>;
  if (card.state !== "complete") return null;
  const date = card.paid_at === null ? null : formatMomentDay(card.paid_at, language);
  return (
    <p className={styles.outcome}>
      {date !== null &&
        (card.paid_by === null ? t("card.paid_on", { date }) : t("card.paid_on_by", { date, name: card.paid_by }))}
      {card.confirmation_number !== null && (
        <span className={styles.reference}>{t("card.confirmation_number", { ref: card.confirmation_number })}</span>
      )}
    </p>
  );
}

function Actions({ messageId, card }: Props) {
  const { t, language } = useText();
  const pane = usePaymentPane();
  const [document, setDocument] = useState<"invoice" | "receipt" | null>(null);
  const open = () => pane.open({ messageId, invoiceId: card.invoice_id });
  const receipt = card.payment?.is_paid ? card.payment : null;
  return (
    <div className={styles.actions}>
      {PAYABLE.has(card.state) && (
        <Button
          id="pay-button"
          appearance="primary"
          onClick={open}
          aria-expanded={pane.target?.invoiceId === card.invoice_id}
        >
          {t("card.review_and_pay")}
        </Button>
      )}
      {IN_DOUBT.has(card.state) && (
        <Button id="pay-button" onClick={open}>
          {t("card.follow")}
        </Button>
      )}
      {receipt !== null && (
        <Button id="pay-button" onClick={() => setDocument("receipt")}>
          {t("card.receipt")}
        </Button>
      )}
      <Button appearance={PAYABLE.has(card.state) ? "secondary" : "subtle"} onClick={() => setDocument("invoice")}>
        {t("card.view_invoice")}
      </Button>
      {document === "invoice" && (
        <DocumentDialog
          title={t("document.invoice", { number: card.number ?? "" })}
          address={`/v1/invoices/${card.invoice_id}/document`}
          onClose={() => setDocument(null)}
        />
      )}
      {document === "receipt" && receipt !== null && (
        <DocumentDialog
          title={t("document.receipt", { number: receipt.receipt_number ?? "" })}
          address={`/v1/payments/${receipt.id}/receipt?language=${language}`}
          onClose={() => setDocument(null)}
        />
      )}
    </div>
  );
}
