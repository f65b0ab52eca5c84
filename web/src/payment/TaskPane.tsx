// The task pane: at the right of the message, not modal; on a narrow window the whole screen with a way back.
// It leads through review, details, confirmation and outcome.

import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular, DismissRegular } from "@fluentui/react-icons";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { useWallet } from "../api/queries";
import type { Session } from "../api/types";
import { Dialog } from "../shell/Dialog";
import { isInDialog } from "../shell/keyboard";
import { type PaneTarget, usePaymentPane } from "../shell/paymentPane";
import { useNarrow } from "../shell/useNarrow";
import { useText } from "../text/catalogue";
import { AlreadyPaidStep } from "./AlreadyPaidStep";
import { BankStep } from "./BankStep";
import { ConfirmStep } from "./ConfirmStep";
import { DetailsStep } from "./DetailsStep";
import { DoneStep } from "./DoneStep";
import { FailedStep } from "./FailedStep";
import { canPay, isInFlight, reviewOf, stepCount } from "./flow";
import { LoadingStep } from "./LoadingStep";
import { NoCardStep } from "./NoCardStep";
import { ReviewStep } from "./ReviewStep";
import styles from "./TaskPane.module.css";
import { UncertainStep } from "./UncertainStep";
import { type Payer, usePayment } from "./usePayment";
import { WorkingStep } from "./WorkingStep";

interface Props {
  target: PaneTarget;
  session: Session;
}

export default function TaskPane({ target, session }: Props) {
  const { t } = useText();
  const pane = usePaymentPane();
  const payer = usePayment(target);
  // Not a state: nothing is drawn from it, and Esc right after a key must see what that key typed.
  const dirty = useRef(false);
  const setDirty = useCallback((typed: boolean) => {
    dirty.current = typed;
  }, []);
  const [asking, setAsking] = useState(false);
  const { flow } = payer;
  const narrow = useNarrow();
  const working = flow.step === "working";
  useBusy(isInFlight(flow), pane.setBusy);

  const close = () => (dirty.current ? setAsking(true) : pane.close());
  const back = () => {
    if (flow.step !== "details" && flow.step !== "confirm") return close();
    setDirty(false);
    payer.send({ type: flow.step === "details" ? "leave_details" : "back_to_review" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || working || isInDialog(event.target)) return;
    event.preventDefault();
    close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a landmark in both cases; Esc closes it from anywhere inside
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name
    <div
      className={styles.pane}
      role={narrow ? "main" : "complementary"}
      aria-label={t("pane.region")}
      data-region="pane"
      data-payment-pane=""
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {narrow && <h1 className="unseen">{t("app.name")}</h1>}
      <div className={styles.bar}>
        <Button
          className={styles.back}
          appearance="subtle"
          icon={<ArrowLeftRegular />}
          disabled={working}
          onClick={back}
        >
          {t("app.back")}
        </Button>
        <Steps payer={payer} />
        <Button
          className={styles.close}
          appearance="subtle"
          icon={<DismissRegular />}
          aria-label={t("app.close")}
          disabled={working}
          onClick={close}
        />
      </div>
      <div className={styles.content}>
        <Step payer={payer} target={target} session={session} close={close} setDirty={setDirty} />
      </div>
      {asking && (
        <Dialog
          title={t("pane.discard_title")}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t("pane.keep")}</Button>
              <Button appearance="primary" onClick={() => pane.close()}>
                {t("pane.discard")}
              </Button>
            </>
          }
        >
          <p>{t("pane.discard_text")}</p>
        </Dialog>
      )}
    </div>
  );
}

function useBusy(busy: boolean, tell: (busy: boolean) => void): void {
  useEffect(() => {
    tell(busy);
    return () => tell(false);
  }, [busy, tell]);
}

function Steps({ payer: { flow } }: { payer: Payer }) {
  const { t } = useText();
  const { data: wallet } = useWallet();
  const review = reviewOf(flow);
  const startedWithCard = useRef<boolean | null>(null);
  if (startedWithCard.current === null && wallet !== undefined && review !== null) {
    startedWithCard.current = wallet.cards.some((card) => canPay(card, review));
  }
  const count = stepCount(flow, startedWithCard.current ?? true);
  const text = count === null ? "" : t("pane.step", { step: count.step, steps: count.steps });
  useEffect(() => {
    const before = document.title;
    if (text !== "") document.title = `${text} – ${t("app.name")}`;
    return () => {
      document.title = before;
    };
  }, [text, t]);
  return <span className={styles.steps}>{text}</span>;
}

interface StepProps extends Props {
  payer: Payer;
  close: () => void;
  setDirty: (dirty: boolean) => void;
}

function Step({ payer, target, session, close, setDirty }: StepProps) {
  const { flow, send } = payer;
  switch (flow.step) {
    case "loading":
      return <LoadingStep />;
    case "failed":
      return <FailedStep error={flow.error} onRetry={payer.askAgain} onClose={close} />;
    case "review":
      return (
        <ReviewStep
          review={flow.review}
          notice={flow.notice}
          onContinue={(cards) => send({ type: "continue", cards })}
          onCancel={close}
        />
      );
    case "details":
      return (
        <DetailsStep
          review={flow.review}
          adding={flow.adding}
          session={session}
          onDirty={setDirty}
          onEscape={close}
          onSaved={(cardId) => send({ type: "card_saved", cardId })}
          onBack={() => send({ type: "leave_details" })}
        />
      );
    case "confirm":
      return <ConfirmStep confirm={flow} payer={payer} onDirty={setDirty} onEscape={close} />;
    case "working":
      return <WorkingStep />;
    case "bank":
      return <BankStep actionUrl={flow.actionUrl} payer={payer} />;
    case "uncertain":
      return <UncertainStep payment={flow.payment} onCheck={payer.checkNow} />;
    case "done":
      return <DoneStep payment={flow.payment} />;
    case "already_paid":
      return <AlreadyPaidStep review={flow.review} messageId={target.messageId} />;
    case "no_card":
      return (
        <NoCardStep detail={flow.detail} messageId={target.messageId} onAskAgain={payer.askAgain} onClose={close} />
      );
  }
}
