// A switch or a record changed while the pane was open: nothing can be paid here any more.

import { Button } from "@fluentui/react-components";
import { MoneyOffRegular } from "@fluentui/react-icons";
import { useEffect } from "react";
import { useMessage } from "../api/queries";
import { alarm } from "../shell/announce";
import { useText } from "../text/catalogue";
import { StepFrame } from "./StepFrame";
import styles from "./StepText.module.css";

const SWITCH_CODES: readonly (string | undefined)[] = ["switch_off", "group_switch_off", "outside_rollout"];

interface Props {
  detail: string | null;
  messageId: string;
  onAskAgain: () => void;
  onClose: () => void;
}

export function NoCardStep({ detail, messageId, onAskAgain, onClose }: Props) {
  const { t, language } = useText();
  const { data: message } = useMessage(messageId);
  const switchedOff = SWITCH_CODES.includes(message?.verdict.reasons[0]?.code);
  const text = t(switchedOff ? "off.text" : "off.no_card");
  useEffect(() => alarm(text), [text]);
  return (
    <StepFrame
      title={t(switchedOff ? "off.title" : "off.no_card_title")}
      icon={<MoneyOffRegular />}
      tone="warning"
      actions={
        <>
          {message?.card != null && (
            <Button appearance="primary" onClick={onAskAgain}>
              {t("app.retry")}
            </Button>
          )}
          <Button onClick={onClose}>{t("app.close")}</Button>
        </>
      }
    >
      <p className={styles.text}>{text}</p>
      {detail && (
        <p className={styles.hint} lang={language === "en" ? undefined : "en"}>
          {detail}
        </p>
      )}
    </StepFrame>
  );
}
