import { Button } from "@fluentui/react-components";
import type { Session } from "../api/types";
import { announce } from "../shell/announce";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";
import { CardEntryFields } from "./CardEntryFields";
import { useCardEntry } from "./useCardEntry";

/** The processor that cards are saved for outside a payment; within one the biller names it. */
const PROCESSOR = "sandbox";

interface Props {
  session: Session;
  onClose: () => void;
}

export function AddCardDialog({ session, onClose }: Props) {
  const { t } = useText();
  const entry = useCardEntry(session.account.name, PROCESSOR, () => {
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
        processor={PROCESSOR}
        onDirty={() => {}}
        onEscape={onClose}
      />
    </Dialog>
  );
}
