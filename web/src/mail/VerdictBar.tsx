// The bar over a message from which one can't pay: one fact, one action. "Why?" opens the reasons, what was checked
// on arrival, and what the message claims.

import { Button } from "@fluentui/react-components";
import { InfoRegular, ShieldErrorRegular } from "@fluentui/react-icons";
import { useId, useState } from "react";
import type { Message } from "../api/types";
import { useText } from "../text/catalogue";
import styles from "./VerdictBar.module.css";
import { isAboutSender, reasonText } from "./verdictWords";
import { WhyDetails } from "./WhyDetails";

export function VerdictBar({ message }: { message: Message }) {
  const { t, language } = useText();
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const aboutSender = isAboutSender(message);
  const first = message.verdict.reasons.slice(0, 1).map((reason) => reasonText(reason, t, language))[0];
  return (
    <section
      className={styles.bar}
      data-tone={aboutSender ? "warning" : "neutral"}
      aria-label={t("state.hold")}
      data-testid="verdict-bar"
    >
      <span className={styles.icon} aria-hidden="true">
        {aboutSender ? <ShieldErrorRegular /> : <InfoRegular />}
      </span>
      <p className={styles.text}>
        {t(aboutSender ? "verdict.hold" : "verdict.hold_other")}
        {!aboutSender && first !== undefined && <span lang={first.language}> {first.text}</span>}
      </p>
      <Button
        className={styles.why}
        appearance="transparent"
        aria-expanded={open}
        aria-controls={detailsId}
        onClick={() => setOpen(!open)}
      >
        {t(open ? "verdict.why_hide" : "verdict.why")}
      </Button>
      <div id={detailsId} className={styles.details} hidden={!open}>
        {open && <WhyDetails message={message} />}
      </div>
    </section>
  );
}
