import { useEffect } from "react";
import { announce } from "../shell/announce";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import styles from "./LoadingStep.module.css";
import { StepFrame } from "./StepFrame";

export function LoadingStep() {
  const { t } = useText();
  useEffect(() => announce(t("review.loading")), [t]);
  return (
    <StepFrame title={t("review.title")}>
      <div className={styles.lines} role="img" aria-label={t("review.loading")}>
        <Skeleton width="55%" height={32} />
        <Skeleton width="75%" />
        <Skeleton width="65%" />
        <Skeleton height={84} />
        <Skeleton width="80%" />
      </div>
    </StepFrame>
  );
}
