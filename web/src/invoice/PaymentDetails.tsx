// How the document says it wants to be paid. Claims, to be compared with what the reader knows already: no button.

import type { InvoiceDocument } from "../api/types";
import { useText } from "../text/catalogue";
import { Facts } from "./Facts";
import styles from "./InvoiceView.module.css";
import { formatAccount, meansText } from "./invoiceWords";

export function PaymentDetails({ invoice }: { invoice: InvoiceDocument }) {
  const { t } = useText();
  const { accounts, payer_account, payment_terms, remittance, mandate, split_payment, kind } = invoice;
  const means = meansText(invoice, t);
  const facts = [
    ["invoice.means", means],
    ["invoice.remittance", remittance],
    ["invoice.mandate", mandate],
    ["invoice.payer_account", payer_account === null ? null : formatAccount(payer_account)],
  ] as const;
  const isEmpty = accounts.length === 0 && payment_terms === null && facts.every(([, value]) => value === null);
  if (isEmpty && !split_payment) return null;
  return (
    <section>
      <h4 className={styles.heading}>{t("invoice.payment")}</h4>
      <div className={styles.payment}>
        {accounts.length > 0 && (
          <div>
            <Accounts accounts={accounts} />
            {kind === "bill" && <p className={styles.detail}>{t("invoice.account_hint")}</p>}
          </div>
        )}
        <Facts facts={facts} />
        {payment_terms !== null && (
          <p className={styles.note}>
            {t("invoice.terms")}: <span lang="">{payment_terms}</span>
          </p>
        )}
        {split_payment && <p className={styles.note}>{t("invoice.split_payment")}</p>}
      </div>
    </section>
  );
}

function Accounts({ accounts }: { accounts: InvoiceDocument["accounts"] }) {
  const { t } = useText();
  return (
    <dl className={styles.accounts}>
      {accounts.map(({ number, bic, name, factor }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move, and two may be alike
        <div key={index}>
          <dt>{t(factor ? "invoice.account_factor" : "invoice.account")}</dt>
          <dd lang="">
            {number !== undefined && <span className={styles.account}>{formatAccount(number)}</span>}
            <span className={styles.detail}>{[name, bic && `BIC ${bic}`].filter(Boolean).join(" · ")}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
