import { useText } from "../text/catalogue";
import { Skeleton } from "./Skeleton";
import styles from "./StartSkeleton.module.css";

/** The app's outline while it is being found out who is here. */
export function StartSkeleton() {
  const { t } = useText();
  return (
    <div className={styles.page} aria-busy="true" aria-label={t("app.loading")} role="img">
      <div className={styles.header} />
      <div className={styles.body}>
        <div className={styles.column}>
          {["70%", "55%", "60%", "50%"].map((width) => (
            <Skeleton key={width} width={width} />
          ))}
        </div>
        <div className={styles.panel} />
        <div className={styles.panel} />
      </div>
    </div>
  );
}
