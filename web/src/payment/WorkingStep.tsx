import { ProgressBar } from "@fluentui/react-components";
import { useEffect } from "react";
import { announce } from "../shell/announce";
import { useText } from "../text/catalogue";
import { StepFrame } from "./StepFrame";
import styles from "./StepText.module.css";

export function WorkingStep() {
  const { t } = useText();
  useEffect(() => announce(t("working.title")), [t]);
  useEffect(() => {
    // The browser asks before the window closes in mid-payment.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  return (
    <StepFrame title={t("working.title")}>
      <ProgressBar aria-label={t("working.title")} />
      <p className={styles.text}>{t("working.hint")}</p>
    </StepFrame>
  );
}
