// What is filled in to save a card: the card in its own frame, and the billing address where we have none yet.

import { Checkbox, Link } from "@fluentui/react-components";
import { LockClosedRegular } from "@fluentui/react-icons";
import { PayFrame } from "../payframe/PayFrame";
import { MessageLine } from "../payment/NoticeBar";
import { useText } from "../text/catalogue";
import { BillingFields } from "./BillingFields";
import { billingLine } from "./billing";
import type { CardEntry } from "./useCardEntry";
import styles from "./Wallet.module.css";

interface Props {
  entry: CardEntry;
  holder: string;
  processor: string;
  networks?: readonly string[];
  onDirty: (dirty: boolean) => void;
  onEscape: () => void;
}

export function CardEntryFields({ entry, holder, processor, networks, onDirty, onEscape }: Props) {
  const { t } = useText();
  return (
    <div className={styles.entry}>
      {entry.problem !== null && <MessageLine tone="danger" text={entry.problem} />}
      {entry.toCorrect.length > 0 && (
        <MessageLine tone="danger" text={t("details.problems", { n: entry.toCorrect.length })}>
          <ul className={styles.toCorrect}>
            {entry.toCorrect.map(({ key, label, focus }) => (
              <li key={key}>
                <Link as="button" onClick={focus}>
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </MessageLine>
      )}
      <PayFrame
        page="card"
        title={t("details.frame")}
        handle={entry.frame}
        holder={holder}
        processor={processor}
        networks={networks}
        onDirty={onDirty}
        onEnter={entry.save}
        onEscape={onEscape}
      />
      {entry.needsBilling && <BillingSection entry={entry} />}
      <p className={styles.safe}>
        <LockClosedRegular aria-hidden="true" />
        {t("details.saved_encrypted")}
      </p>
    </div>
  );
}

function BillingSection({ entry }: { entry: CardEntry }) {
  const { t, language } = useText();
  const { company, sameAsCompany } = entry;
  return (
    <fieldset className={styles.fieldset}>
      <legend className={styles.legend}>{t("details.billing")}</legend>
      {company !== null && (
        <Checkbox
          className={styles.same}
          label={t("details.same_as_company")}
          checked={sameAsCompany}
          onChange={(_, { checked }) => entry.setSameAsCompany(checked === true)}
        />
      )}
      {company !== null && sameAsCompany ? (
        <p className={styles.address}>{billingLine(company, language)}</p>
      ) : (
        <BillingFields billing={entry.billing} errors={entry.errors} onChange={entry.setBilling} />
      )}
    </fieldset>
  );
}
