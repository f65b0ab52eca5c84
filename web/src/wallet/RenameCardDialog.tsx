import { Button, Field, Input } from "@fluentui/react-components";
import { type FormEvent, useId, useState } from "react";
import { problemText } from "../api/problem";
import { useChangeCard } from "../api/queries";
import type { Card } from "../api/types";
import { MessageLine } from "../payment/NoticeBar";
import { announce } from "../shell/announce";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";
import { cardName } from "./cardWords";

const NICKNAME_MAX = 60;

export function RenameCardDialog({ card, onClose }: { card: Card; onClose: () => void }) {
  const { t } = useText();
  const change = useChangeCard();
  const formId = useId();
  const [nickname, setNickname] = useState(card.nickname ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending) return;
    change.mutate(
      { id: card.id, nickname: nickname.trim() === "" ? null : nickname.trim() },
      {
        onSuccess: () => {
          announce(t("wallet.renamed"));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      title={t("wallet.rename_named", { card: cardName(card, t) })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button type="submit" form={formId} appearance="primary">
            {t("app.save")}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit}>
        {change.isError && <MessageLine tone="danger" text={problemText(change.error, t)} />}
        <Field label={t("wallet.nickname")} hint={t("wallet.nickname_hint")}>
          <Input
            value={nickname}
            maxLength={NICKNAME_MAX}
            autoComplete="off"
            onChange={(_, { value }) => setNickname(value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
