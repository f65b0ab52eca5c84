import { Button } from "@fluentui/react-components";
import type { Session } from "../api/types";
import { announce } from "../shell/announce";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";
import { CardEntryFields } from "./CardEntryFields";
import { WALLET_PROCESSOR } from "./processor";
import { useCardEntry } from "./useCardEntry";

interface Props {
  session: Session;
  onClose: () => void;
}

export function AddCardDialog({ session, onClose }: Props) {
  const { t } = useText();
  const entry = useCardEntry(session.account.name, WALLET_PROCESSOR, () => {
    announce(t("wallet.added"));
    onClose();
  });
  return (
    <Dialog
      title={t("wallet.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button appearance="primary" aria-disabled={entry.saving} onClick={entry.save}>
            {t(entry.saving ? "details.saving" : "details.submit_wallet")}
          </Button>
        </>
      }
    >
      <CardEntryFields
        entry={entry}
        holder={session.account.name}
        processor={WALLET_PROCESSOR}
        onDirty={() => {}}
        onEscape={onClose}
      />
    </Dialog>
  );
}
