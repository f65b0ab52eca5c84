// Behind "Why?": the reasons, what was checked on arrival, and what the message claims.

import { CheckmarkCircleRegular, ErrorCircleRegular } from "@fluentui/react-icons";
import type { Message } from "../api/types";
import { type TextId, useText } from "../text/catalogue";
import { formatClaimedMoney, formatDay } from "../text/format";
import { checkLines, reasonText } from "./verdictWords";
import styles from "./WhyDetails.module.css";

export function WhyDetails({ message }: { message: Message }) {
  const { t, language } = useText();
  return (
    <div className={styles.details}>
      <h3 className={styles.heading}>{t("verdict.reasons")}</h3>
      <ul className={styles.reasons}>
        {message.verdict.reasons.map((reason) => {
          const { text, language: spoken } = reasonText(reason, t, language);
          return (
            <li key={`${reason.code} ${reason.text}`} lang={spoken}>
              {text}
            </li>
          );
        })}
      </ul>
      <h3 className={styles.heading}>{t("verdict.checks")}</h3>
      <ul className={styles.checks}>
        {checkLines(message.authentication, t).map(({ method, result, passed, text }) => (
          <li key={`${method} ${text}`} className={styles.check}>
            <span className={styles.icon} data-passed={passed} aria-hidden="true">
              {passed ? <CheckmarkCircleRegular /> : <ErrorCircleRegular />}
            </span>
            <span>
              <strong>
                {method}: {result}.
              </strong>{" "}
              {text}
            </span>
          </li>
        ))}
      </ul>
      {message.claims.map((claim) => (
        <Claim key={`${claim.number} ${claim.total}`} claim={claim} />
      ))}
    </div>
  );
}

function Claim({ claim }: { claim: Message["claims"][number] }) {
  const { t, language } = useText();
  const facts: ReadonlyArray<[TextId, string | null]> = [
    ["verdict.claim_seller", claim.seller_name],
    ["verdict.claim_number", claim.number],
    ["verdict.claim_total", claim.total === null ? null : formatClaimedMoney(claim.total, language)],
    ["verdict.claim_due", claim.due_date === null ? null : formatDay(claim.due_date, language)],
  ];
  return (
    <>
      <h3 className={styles.heading}>{t("verdict.claims")}</h3>
      <dl className={styles.facts}>
        {facts.map(([label, value]) =>
          value === null ? null : (
            <div key={label} className={styles.fact}>
              <dt>{t(label)}</dt>
              <dd lang="">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
