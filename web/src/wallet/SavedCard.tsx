// One saved card, with what can be done to it.

import { Button } from "@fluentui/react-components";
import { ArrowSyncRegular, CheckmarkRegular, DeleteRegular, EditRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { problemText } from "../api/problem";
import { useChangeCard } from "../api/queries";
import type { Card } from "../api/types";
import { alarm, announce } from "../shell/announce";
import { useText } from "../text/catalogue";
import { formatMomentDay } from "../text/format";
import { BrandMark } from "./BrandMark";
import { cardName } from "./cardWords";
import { DeleteCardDialog } from "./DeleteCardDialog";
import { RenameCardDialog } from "./RenameCardDialog";
import styles from "./Wallet.module.css";

export function SavedCard({ card, onReplace }: { card: Card; onReplace: () => void }) {
  const { t, language } = useText();
  const change = useChangeCard();
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const name = cardName(card, t);
  const makeDefault = () =>
    change.mutate(
      { id: card.id, is_default: true },
      { onSuccess: () => announce(t("wallet.default_set")), onError: (error) => alarm(problemText(error, t)) },
    );
  return (
    <li className={styles.card}>
      <BrandMark brand={card.brand} />
      <div>
        <div className={styles.name}>
          {name}
          {card.is_default && <span className={styles.default}>{t("wallet.default")}</span>}
          {card.expired && <span className={styles.expired}>{t("wallet.expired")}</span>}
        </div>
        <div className={styles.facts}>
          <span>{card.holder}</span>
          <span>{t(card.expired ? "wallet.expired_on" : "wallet.expires", { expiry: card.expiry })}</span>
          <span>
            {card.last_used_at === null
              ? t("wallet.never_used")
              : t("wallet.last_used", { date: formatMomentDay(card.last_used_at, language) })}
          </span>
        </div>
      </div>
      <div className={styles.tools}>
        {card.expired && (
          <Button
            appearance="subtle"
            icon={<ArrowSyncRegular />}
            aria-label={t("wallet.replace_named", { card: name })}
            title={t("wallet.replace")}
            onClick={onReplace}
          />
        )}
        {!card.is_default && !card.expired && (
          <Button
            appearance="subtle"
            icon={<CheckmarkRegular />}
            aria-label={t("wallet.make_default_named", { card: name })}
            title={t("wallet.make_default")}
            onClick={makeDefault}
          />
        )}
        <Button
          appearance="subtle"
          icon={<EditRegular />}
          aria-label={t("wallet.rename_named", { card: name })}
          title={t("wallet.rename")}
          onClick={() => setDialog("rename")}
        />
        <Button
          appearance="subtle"
          icon={<DeleteRegular />}
          aria-label={t("wallet.delete_named", { card: name })}
          title={t("wallet.delete")}
          onClick={() => setDialog("delete")}
        />
      </div>
      {dialog === "rename" && <RenameCardDialog card={card} onClose={() => setDialog(null)} />}
      {dialog === "delete" && <DeleteCardDialog card={card} onClose={() => setDialog(null)} />}
    </li>
  );
}
