// Somebody paid it before, here or elsewhere: who, when, and the receipt where we have one.

import { Button } from "@fluentui/react-components";
import { CheckmarkCircleFilled, ReceiptRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useMessage } from "../api/queries";
import type { Review } from "../api/types";
import { DocumentDialog } from "../document/lazy";
import { announce } from "../shell/announce";
import { useText } from "../text/catalogue";
import { formatMomentDay } from "../text/format";
import { StepFrame } from "./StepFrame";
import styles from "./StepText.module.css";

export function AlreadyPaidStep({ review, messageId }: { review: Review; messageId: string }) {
  const { t, language } = useText();
  const { data: message } = useMessage(messageId);
  const [viewing, setViewing] = useState(false);
  const card = message?.card ?? null;
  const date = card === null || card.paid_at === null ? null : formatMomentDay(card.paid_at, language);
  const text =
    date === null
      ? t("review.already_paid")
      : card?.paid_by == null
        ? t("card.paid_on", { date })
        : t("card.paid_on_by", { date, name: card.paid_by });
  useEffect(() => announce(text), [text]);
  const receipt = card?.payment?.is_paid ? card.payment : null;
  return (
    <StepFrame title={t("done.title")} icon={<CheckmarkCircleFilled />} tone="success">
      <p className={styles.text}>{text}</p>
      {review.confirmation_number !== null && (
        <p className={styles.hint}>{t("card.confirmation_number", { ref: review.confirmation_number })}</p>
      )}
      {receipt !== null && (
        <div className={styles.links}>
          <Button appearance="transparent" icon={<ReceiptRegular />} onClick={() => setViewing(true)}>
            {t("card.receipt")}
          </Button>
        </div>
      )}
      {viewing && receipt !== null && (
        <DocumentDialog
          title={t("document.receipt", { number: receipt.receipt_number ?? "" })}
          address={`/v1/payments/${receipt.id}/receipt?language=${language}`}
          onClose={() => setViewing(false)}
        />
      )}
    </StepFrame>
  );
}
