import { Button } from "@fluentui/react-components";
import { problemText } from "../api/problem";
import { useDeleteCard } from "../api/queries";
import type { Card } from "../api/types";
import { MessageLine } from "../payment/NoticeBar";
import { announce } from "../shell/announce";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";

export function DeleteCardDialog({ card, onClose }: { card: Card; onClose: () => void }) {
  const { t } = useText();
  const remove = useDeleteCard();
  const confirm = () => {
    if (remove.isPending) return;
    remove.mutate(card.id, {
      onSuccess: () => {
        announce(t("wallet.deleted"));
        onClose();
      },
    });
  };
  return (
    <Dialog
      title={t("wallet.delete_title", { last4: card.last4 })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button appearance="primary" aria-disabled={remove.isPending} onClick={confirm}>
            {t("wallet.delete")}
          </Button>
        </>
      }
    >
      {remove.isError && <MessageLine tone="danger" text={problemText(remove.error, t)} />}
      <p>{t("wallet.delete_text")}</p>
    </Dialog>
  );
}
