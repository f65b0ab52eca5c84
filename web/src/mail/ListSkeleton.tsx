import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import styles from "./ListSkeleton.module.css";

const WIDTHS = ["62%", "48%", "70%", "55%", "66%", "44%", "58%"];

/** Rows that are about to come. */
export function ListSkeleton() {
  const { t } = useText();
  return (
    <div className={styles.list} role="img" aria-label={t("app.loading")}>
      {WIDTHS.map((width) => (
        <div key={width} className={styles.row}>
          <Skeleton width="36px" height={36} round />
          <div className={styles.lines}>
            <Skeleton width={width} />
            <Skeleton width="90%" height={11} />
            <Skeleton width="75%" height={11} />
          </div>
        </div>
      ))}
    </div>
  );
}
