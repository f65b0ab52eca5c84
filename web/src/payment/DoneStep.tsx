// Paid: the number, the receipt, and the way to the next invoice.

import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular, ArrowRightRegular, CheckmarkCircleFilled, ReceiptRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { firstUnpaid, keys, paymentCalls } from "../api/queries";
import type { Payment } from "../api/types";
import { DocumentDialog } from "../document/lazy";
import { focusReadingPane } from "../mail/focus";
import { go } from "../router/useRoute";
import { announce } from "../shell/announce";
import { usePaymentPane } from "../shell/paymentPane";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import { formatMoney } from "../text/format";
import { MessageLine } from "./NoticeBar";
import { StepFrame } from "./StepFrame";
import styles from "./StepText.module.css";

const REFUNDED: readonly Payment["state"][] = ["refund_pending", "refunded"];

const RECEIPT_EVERY_MS = 1_000;

export function DoneStep({ payment: paid }: { payment: Payment }) {
  const { t, language } = useText();
  const payment = useWithReceipt(paid);
  const [viewing, setViewing] = useState(false);
  useEffect(() => announce(t("done.title")), [t]);
  const address = `/v1/payments/${payment.id}/receipt?language=${language}`;
  return (
    <StepFrame
      title={t("done.title")}
      icon={<CheckmarkCircleFilled />}
      tone="success"
      actions={<NextUnpaid invoiceId={payment.invoice_id} />}
    >
      <p className={styles.text}>
        {t("done.text", { amount: formatMoney(payment.amount, language), payee: payment.payee })}
      </p>
      {payment.receipt_number === null ? (
        <Skeleton width="180px" height={20} />
      ) : (
        <p className={styles.text}>{t("done.payment_no", { ref: payment.receipt_number })}</p>
      )}
      {payment.biller_ref !== null && (
        <p className={styles.hint}>{t("card.confirmation_number", { ref: payment.biller_ref })}</p>
      )}
      {payment.test && <MessageLine tone="info" text={t("card.test_hint")} />}
      {REFUNDED.includes(payment.state) && <MessageLine tone="info" text={t("done.refunded")} />}
      <div className={styles.links}>
        <Button as="a" appearance="transparent" icon={<ArrowDownloadRegular />} href={address} download="">
          {t("done.download")}
        </Button>
        <Button appearance="transparent" icon={<ReceiptRegular />} onClick={() => setViewing(true)}>
          {t("done.view")}
        </Button>
      </div>
      {viewing && (
        <DocumentDialog
          title={t("document.receipt", { number: payment.receipt_number ?? "" })}
          address={address}
          onClose={() => setViewing(false)}
        />
      )}
    </StepFrame>
  );
}

/** The payment is done a moment before its receipt has a number; the biller's reference comes later still. */
function useWithReceipt(paid: Payment): Payment {
  const { data } = useQuery({
    queryKey: keys.payment(paid.id),
    queryFn: () => paymentCalls.get(paid.id),
    initialData: paid,
    refetchInterval: ({ state }) => (state.data?.receipt_number === null ? RECEIPT_EVERY_MS : false),
  });
  return data;
}

function NextUnpaid({ invoiceId }: { invoiceId: string }) {
  const { t } = useText();
  const pane = usePaymentPane();
  const next = useQuery({ queryKey: [...keys.lists, "next unpaid", invoiceId], queryFn: () => firstUnpaid(invoiceId) });
  if (next.data === undefined) return null;
  if (next.data === null) return <p className={styles.hint}>{t("done.none_left")}</p>;
  const messageId = next.data;
  const open = () => {
    pane.close("none");
    go({ page: "mail", folder: "to_pay", messageId, search: "" });
    focusReadingPane();
  };
  return (
    <Button appearance="primary" icon={<ArrowRightRegular />} iconPosition="after" onClick={open}>
      {t("done.next")}
    </Button>
  );
}
