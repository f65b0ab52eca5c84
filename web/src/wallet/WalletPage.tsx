// Wallet: the saved cards and the billing address.

import { Button } from "@fluentui/react-components";
import { AddRegular, PlugDisconnectedRegular, WalletCreditCardRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useWallet } from "../api/queries";
import type { Session, Wallet } from "../api/types";
import { EmptyState } from "../shell/EmptyState";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import { AddCardDialog } from "./AddCardDialog";
import { BillingPanel } from "./BillingPanel";
import { SavedCard } from "./SavedCard";
import styles from "./Wallet.module.css";

export default function WalletPage({ session }: { session: Session }) {
  const { t } = useText();
  const wallet = useWallet();
  useEffect(() => {
    document.title = `${t("wallet.title")} – ${t("app.name")}`;
  }, [t]);
  return (
    <main className={styles.page} data-region="page" tabIndex={-1} aria-label={t("wallet.title")}>
      <div className={styles.inner}>
        <div>
          <h2 className={styles.title}>{t("wallet.title")}</h2>
          <p className={styles.lead}>{t("wallet.lead")}</p>
        </div>
        {wallet.isPending && <Skeleton height={72} />}
        {wallet.isError && wallet.data === undefined && (
          <EmptyState icon={<PlugDisconnectedRegular />} title={t("wallet.failed")}>
            <Button onClick={() => wallet.refetch()}>{t("app.retry")}</Button>
          </EmptyState>
        )}
        {wallet.data !== undefined && <Cards wallet={wallet.data} session={session} />}
        {wallet.data !== undefined && <BillingPanel wallet={wallet.data} session={session} />}
      </div>
    </main>
  );
}

function Cards({ wallet, session }: { wallet: Wallet; session: Session }) {
  const { t } = useText();
  const [adding, setAdding] = useState(false);
  const add = () => setAdding(true);
  return (
    <section aria-label={t("wallet.cards")}>
      <div className={styles.sectionHead}>
        <h3 className={styles.sectionTitle}>{t("wallet.cards")}</h3>
        <Button appearance="primary" icon={<AddRegular />} onClick={add}>
          {t("wallet.add")}
        </Button>
      </div>
      {wallet.cards.length === 0 ? (
        <div className={styles.emptyCards}>
          <EmptyState icon={<WalletCreditCardRegular />} title={t("wallet.empty")} hint={t("wallet.empty_hint")} />
        </div>
      ) : (
        <ul className={styles.cards}>
          {wallet.cards.map((card) => (
            <SavedCard key={card.id} card={card} onReplace={add} />
          ))}
        </ul>
      )}
      {adding && <AddCardDialog session={session} onClose={() => setAdding(false)} />}
    </section>
  );
}
