// The billing address of the wallet, shown and changed in place.

import { Button } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { problemText } from "../api/problem";
import { usePutBilling } from "../api/queries";
import type { Billing, Session, Wallet } from "../api/types";
import { MessageLine } from "../payment/NoticeBar";
import { announce } from "../shell/announce";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";
import { BillingFields, billingInputId } from "./BillingFields";
import { BILLING_FIELDS, type BillingErrors, billingErrors, billingLine, emptyBilling, trimmed } from "./billing";
import styles from "./Wallet.module.css";

interface Props {
  wallet: Wallet;
  session: Session;
}

export function BillingPanel({ wallet, session }: Props) {
  const { t, language } = useText();
  const [editing, setEditing] = useState(false);
  return (
    <section aria-label={t("wallet.billing")}>
      <div className={styles.sectionHead}>
        <h3 className={styles.sectionTitle}>{t("wallet.billing")}</h3>
        <Button onClick={() => setEditing(true)}>{t("billing.change")}</Button>
      </div>
      <div className={styles.panel}>
        {wallet.billing === null ? t("wallet.no_billing") : billingLine(wallet.billing, language)}
      </div>
      {editing && (
        <BillingDialog
          start={wallet.billing ?? wallet.company_billing ?? emptyBilling(session.account.name, language)}
          onClose={() => setEditing(false)}
        />
      )}
    </section>
  );
}

function BillingDialog({ start, onClose }: { start: Billing; onClose: () => void }) {
  const { t } = useText();
  const put = usePutBilling();
  const [billing, setBilling] = useState(start);
  const [errors, setErrors] = useState<BillingErrors>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = billingErrors(billing);
    setErrors(wrong);
    const first = BILLING_FIELDS.find(({ field }) => wrong[field] !== undefined);
    if (first !== undefined) return document.getElementById(billingInputId(first.field))?.focus();
    if (put.isPending) return;
    put.mutate(trimmed(billing), {
      onSuccess: () => {
        announce(t("billing.saved"));
        onClose();
      },
    });
  };
  return (
    <Dialog
      title={t("wallet.billing")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" form="billing-form" appearance="primary">
            {t("app.save")}
          </Button>
        </>
      }
    >
      <form id="billing-form" onSubmit={submit} noValidate>
        {put.isError && <MessageLine tone="danger" text={problemText(put.error, t)} />}
        <BillingFields billing={billing} errors={errors} onChange={setBilling} />
      </form>
    </Dialog>
  );
}
