// Step 2 of a reader without a card: card and billing address. Also "Add card" on the way to paying.

import { Button } from "@fluentui/react-components";
import type { Review, Session } from "../api/types";
import { useText } from "../text/catalogue";
import { CardEntryFields } from "../wallet/CardEntryFields";
import { useCardEntry } from "../wallet/useCardEntry";
import { StepFrame } from "./StepFrame";

interface Props {
  review: Review;
  adding: boolean;
  session: Session;
  onDirty: (dirty: boolean) => void;
  onEscape: () => void;
  onSaved: (cardId: string) => void;
  onBack: () => void;
}

export function DetailsStep({ review, adding, session, onDirty, onEscape, onSaved, onBack }: Props) {
  const { t } = useText();
  const { name } = session.account;
  const entry = useCardEntry(name, review.processor, (card) => {
    onDirty(false);
    onSaved(card.id);
  });
  const back = () => {
    onDirty(false);
    onBack();
  };
  return (
    <StepFrame
      title={t(adding ? "details.title_add" : "details.title")}
      actions={
        <>
          <Button appearance="primary" size="large" aria-disabled={entry.saving} onClick={entry.save}>
            {t(entry.saving ? "details.saving" : "details.submit")}
          </Button>
          <Button appearance="subtle" onClick={back}>
            {t("app.back")}
          </Button>
        </>
      }
    >
      <CardEntryFields
        entry={entry}
        holder={name}
        processor={review.processor}
        networks={review.networks}
        onDirty={onDirty}
        onEscape={onEscape}
      />
    </StepFrame>
  );
}
