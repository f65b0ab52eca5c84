// Last step before money moves: what, to whom, with which card, and the security code. The button names the amount.

import { Button } from "@fluentui/react-components";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useWallet } from "../api/queries";
import { PayFrame, type PayFrameHandle } from "../payframe/PayFrame";
import { alarm } from "../shell/announce";
import { useSessionEnded } from "../shell/paymentPane";
import { useText } from "../text/catalogue";
import { formatMoney } from "../text/format";
import { CardChoice } from "./CardChoice";
import facts from "./facts.module.css";
import { canPay, type Flow, usableCard } from "./flow";
import { MessageLine, NoticeBar } from "./NoticeBar";
import { StepFrame } from "./StepFrame";
import type { Payer } from "./usePayment";

interface Props {
  confirm: Extract<Flow, { step: "confirm" }>;
  payer: Payer;
  onDirty: (dirty: boolean) => void;
  onEscape: () => void;
}

export function ConfirmStep({ confirm, payer, onDirty, onEscape }: Props) {
  const { t, language } = useText();
  const { review, notice, choosing } = confirm;
  const { data: wallet } = useWallet();
  const code = useRef<PayFrameHandle>(null);
  const [sealing, setSealing] = useState(false);
  const [unsealed, setUnsealed] = useState(false);
  useClearedCode(code);
  useEffect(() => () => onDirty(false), [onDirty]);

  const cards = wallet?.cards ?? [];
  const chosen = cards.find(({ id }) => id === confirm.cardId) ?? null;
  const card = choosing ? chosen : (chosen ?? usableCard(cards, review));
  const ready = card !== null && canPay(card, review);
  const amount = review.amount === null ? "" : formatMoney(review.amount, language);

  const pay = async () => {
    if (sealing || !ready) return;
    setSealing(true);
    setUnsealed(false);
    const answer = await code.current?.submit();
    setSealing(false);
    if (answer?.kind === "code") return payer.pay(answer.code.jwe, card.id);
    if (answer?.kind === "errors") return code.current?.focus("code");
    if (answer?.kind === "failed" && answer.signedOut) return;
    setUnsealed(true);
    alarm(t("problem.keys_unavailable"));
  };
  return (
    <StepFrame
      title={t("confirm.title")}
      actions={
        <>
          {ready && (
            <Button appearance="primary" size="large" aria-disabled={sealing} onClick={pay}>
              {t(sealing ? "confirm.paying" : "confirm.pay", { amount })}
            </Button>
          )}
          <Button appearance="subtle" onClick={() => payer.send({ type: "back_to_review" })}>
            {t("confirm.back_to_review")}
          </Button>
        </>
      }
    >
      {notice !== null && (
        <NoticeBar notice={notice}>
          {notice.kind === "declined" && notice.reason === "generic" && !choosing && (
            <Button size="small" onClick={() => payer.send({ type: "choose", cardId: card?.id ?? null })}>
              {t("declined.choose_another")}
            </Button>
          )}
        </NoticeBar>
      )}
      {unsealed && <MessageLine tone="danger" text={t("problem.keys_unavailable")} />}
      {review.test && <MessageLine tone="info" text={t("card.test_hint")} />}
      <div className={facts.amount}>
        <span className={facts.label}>{t("review.total")}</span>
        <span className={facts.value}>{amount}</span>
      </div>
      <dl className={facts.facts}>
        <div className={facts.pair}>
          <dt>{t("confirm.recipient")}</dt>
          <dd lang="">{review.payee}</dd>
        </div>
        <div className={facts.pair}>
          <dt>{t("card.invoice_number")}</dt>
          <dd>{review.invoice_number}</dd>
        </div>
      </dl>
      <CardChoice cards={cards} chosen={card} choosing={choosing || card === null} review={review} send={payer.send} />
      {ready && (
        <PayFrame
          key={card.id}
          page="code"
          title={t("confirm.code_frame")}
          handle={code}
          processor={card.processor}
          brand={card.brand}
          onDirty={onDirty}
          onEnter={pay}
          onEscape={onEscape}
        />
      )}
    </StepFrame>
  );
}

/** "Your entries are kept, except the security code." */
function useClearedCode(code: RefObject<PayFrameHandle | null>): void {
  const ended = useSessionEnded();
  useEffect(() => {
    if (ended) code.current?.clear();
  }, [ended, code]);
}
