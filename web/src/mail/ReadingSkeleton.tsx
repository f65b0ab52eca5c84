import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import styles from "./ReadingSkeleton.module.css";

export function ReadingSkeleton() {
  const { t } = useText();
  return (
    <div className={styles.message} role="img" aria-label={t("app.loading")}>
      <Skeleton width="60%" height={24} />
      <div className={styles.sender}>
        <Skeleton width="40px" height={40} round />
        <div className={styles.lines}>
          <Skeleton width="40%" />
          <Skeleton width="30%" height={11} />
        </div>
      </div>
      <Skeleton height={150} />
      <Skeleton width="92%" />
      <Skeleton width="85%" />
      <Skeleton width="70%" />
    </div>
  );
}
