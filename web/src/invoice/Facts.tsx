import { type TextId, useText } from "../text/catalogue";
import styles from "./InvoiceView.module.css";

interface Props {
  /** What is null is not shown. */
  facts: ReadonlyArray<readonly [TextId, string | null]>;
}

/** Label and value, as many beside each other as there is room for. */
export function Facts({ facts }: Props) {
  const { t } = useText();
  const known = facts.filter(([, value]) => value !== null);
  if (known.length === 0) return null;
  return (
    <dl className={styles.facts}>
      {known.map(([id, value]) => (
        <div key={id}>
          <dt>{t(id)}</dt>
          <dd lang="">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
