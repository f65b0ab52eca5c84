// 3-D Secure: the bank's page in a frame inside the pane. No focus trap. What was sent can no longer be
// called back from here: cancelling is done on the bank's page.

import { Button } from "@fluentui/react-components";
import { OpenRegular } from "@fluentui/react-icons";
import { useRef, useState } from "react";
import { useText } from "../text/catalogue";
import styles from "./BankStep.module.css";
import { StepFrame } from "./StepFrame";
import type { Payer } from "./usePayment";

export function BankStep({ actionUrl, payer }: { actionUrl: string; payer: Payer }) {
  const { t } = useText();
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    await payer.returnFromBank().catch(() => undefined);
    setBusy(false);
  };
  const loads = useRef(0);
  const onLoad = () => {
    loads.current += 1;
    // Each page after the first comes after an answer: it may be over.
    if (loads.current > 1) void payer.returnFromBank().catch(() => undefined);
  };
  return (
    <StepFrame
      title={t("bank.title")}
      actions={
        <Button appearance="primary" aria-disabled={busy} onClick={ask}>
          {t("bank.done")}
        </Button>
      }
    >
      <p className={styles.text}>
        {t("bank.text")} {t("bank.cancel")}
      </p>
      <iframe
        className={styles.frame}
        title={t("bank.frame")}
        src={actionUrl}
        onLoad={onLoad}
        sandbox="allow-forms allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
      />
      <Button
        as="a"
        appearance="secondary"
        icon={<OpenRegular />}
        href={actionUrl}
        target="_blank"
        rel="noopener noreferrer"
      >
        {t("bank.open")}
      </Button>
    </StepFrame>
  );
}
