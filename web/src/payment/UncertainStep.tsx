// Nobody knows yet whether the payment went through. The one thing to do is to look; paying again is locked.

import { Button } from "@fluentui/react-components";
import { QuestionCircleRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { problemText } from "../api/problem";
import type { Payment } from "../api/types";
import { alarm, announce } from "../shell/announce";
import { useText } from "../text/catalogue";
import { formatTime } from "../text/format";
import { StepFrame } from "./StepFrame";
import styles from "./StepText.module.css";

const ADMINISTRATOR_AFTER_MS = 10 * 60_000;
const TICK_MS = 15_000;

interface Props {
  payment: Payment | null;
  onCheck: () => Promise<void>;
}

export function UncertainStep({ payment, onCheck }: Props) {
  const { t, language } = useText();
  const [checking, setChecking] = useState(false);
  const handedOver = useHandedOver(payment);
  useEffect(() => alarm(t("uncertain.text")), [t]);
  useEffect(() => {
    if (handedOver) alarm(t("uncertain.admin"));
  }, [handedOver, t]);
  const check = async () => {
    if (checking) return;
    setChecking(true);
    announce(t("uncertain.checking"));
    await onCheck().catch((error: unknown) => alarm(problemText(error, t)));
    setChecking(false);
  };
  const next = payment?.next_check_at ?? null;
  return (
    <StepFrame
      title={t("uncertain.title")}
      icon={<QuestionCircleRegular />}
      tone="warning"
      actions={
        <Button appearance="primary" aria-disabled={checking} onClick={check}>
          {t(checking ? "uncertain.checking" : "uncertain.check")}
        </Button>
      }
    >
      <p className={styles.text}>{t("uncertain.text")}</p>
      {handedOver && <p className={styles.text}>{t("uncertain.admin")}</p>}
      {next !== null && <p className={styles.hint}>{t("uncertain.next", { time: formatTime(next, language) })}</p>}
    </StepFrame>
  );
}

/** After ten minutes without an answer, or when the server says so, a person looks at it. */
function useHandedOver(payment: Payment | null): boolean {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  if (payment === null) return false;
  return payment.state === "manual" || now - Date.parse(payment.created_at) > ADMINISTRATOR_AFTER_MS;
}
