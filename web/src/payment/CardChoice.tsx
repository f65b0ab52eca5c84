// The card that pays: one line with "Change", or all cards to choose from.

import { Button, Radio, RadioGroup } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useEffect, useRef } from "react";
import type { Card, Review } from "../api/types";
import { useText } from "../text/catalogue";
import { BrandMark } from "../wallet/BrandMark";
import { cardWithExpiry } from "../wallet/cardWords";
import styles from "./CardChoice.module.css";
import { canPay, type FlowEvent } from "./flow";

interface Props {
  cards: readonly Card[];
  chosen: Card | null;
  choosing: boolean;
  review: Review;
  send: (event: FlowEvent) => void;
}

export function CardChoice({ cards, chosen, choosing, review, send }: Props) {
  const { t } = useText();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    // "Change" is gone once pressed: the focus goes on to what it opened.
    if (choosing) list.current?.querySelector<HTMLInputElement>("input:checked, input:enabled")?.focus();
  }, [choosing]);
  const add = (
    <Button appearance="transparent" icon={<AddRegular />} onClick={() => send({ type: "add_card" })}>
      {t("confirm.add_card")}
    </Button>
  );
  if (chosen !== null && !choosing) {
    return (
      <section className={styles.choice} aria-label={t("confirm.pay_with")}>
        <h3 className={styles.heading}>{t("confirm.pay_with")}</h3>
        <div className={styles.card}>
          <BrandMark brand={chosen.brand} />
          <span className={styles.name}>
            {chosen.nickname !== null && <span className={styles.nickname}>{chosen.nickname}</span>}
            {cardWithExpiry(chosen, t)}
          </span>
        </div>
        <div className={styles.links}>
          {cards.length > 1 && (
            <Button appearance="transparent" onClick={() => send({ type: "choose", cardId: chosen.id })}>
              {t("confirm.change")}
            </Button>
          )}
          {add}
        </div>
      </section>
    );
  }
  return (
    <section ref={list} className={styles.choice} aria-label={t("confirm.choose_card")}>
      <h3 className={styles.heading}>{t("confirm.choose_card")}</h3>
      <RadioGroup
        value={chosen?.id ?? ""}
        aria-label={t("confirm.choose_card")}
        onChange={(_, { value }) => send({ type: "card_chosen", cardId: value })}
      >
        {cards.map((card) => (
          <Radio
            key={card.id}
            value={card.id}
            disabled={!canPay(card, review)}
            label={<Choice card={card} review={review} />}
          />
        ))}
      </RadioGroup>
      <div className={styles.links}>{add}</div>
    </section>
  );
}

function Choice({ card, review }: { card: Card; review: Review }) {
  const { t } = useText();
  const refused = !card.expired && !canPay(card, review);
  return (
    <span className={styles.name}>
      {card.nickname !== null && <span className={styles.nickname}>{card.nickname}</span>}
      {cardWithExpiry(card, t)}
      {refused && <span className={styles.refused}>{t("confirm.card_not_accepted")}</span>}
    </span>
  );
}
