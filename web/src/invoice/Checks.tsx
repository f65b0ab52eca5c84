// What we noticed about the invoice: what speaks against it first.

import { ErrorCircleRegular, WarningRegular } from "@fluentui/react-icons";
import type { InvoiceDocument } from "../api/types";
import { useText } from "../text/catalogue";
import styles from "./InvoiceView.module.css";
import { checkText } from "./invoiceWords";

export function Checks({ checks }: { checks: InvoiceDocument["checks"] }) {
  const { t } = useText();
  if (checks.length === 0) return null;
  const ordered = [...checks].sort(
    (left, right) => Number(right.severity === "hold") - Number(left.severity === "hold"),
  );
  return (
    <section>
      <h4 className={styles.heading}>{t("invoice.checks")}</h4>
      <ul className={styles.checks}>
        {ordered.map((check, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and two may say the same
          <Check key={index} check={check} />
        ))}
      </ul>
    </section>
  );
}

function Check({ check }: { check: InvoiceDocument["checks"][number] }) {
  const { t, language } = useText();
  const { text, detail } = checkText(check, t, language);
  return (
    <li data-severity={check.severity}>
      <span className={styles.checkIcon} aria-hidden="true">
        {check.severity === "hold" ? <ErrorCircleRegular /> : <WarningRegular />}
      </span>
      <span>
        <span className="unseen">{t(check.severity === "hold" ? "invoice.check_hold" : "invoice.check_warn")} </span>
        {text}
        {detail !== null && (
          <span className={text === null ? undefined : styles.detail} lang="en">
            {detail}
          </span>
        )}
      </span>
    </li>
  );
}
