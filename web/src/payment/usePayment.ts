// Leads one payment: makes the calls that each step of the flow needs, and tells the flow what came of them.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useReducer, useState } from "react";
import { ApiProblem, codeOf } from "../api/problem";
import { keys, paymentCalls, refreshAfterPayment, useMessage } from "../api/queries";
import type { Message, Payment } from "../api/types";
import type { PaneTarget } from "../shell/paymentPane";
import {
  type Attempt,
  attemptFor,
  dropAttempt,
  keepAttempt,
  keptAttempt,
  paymentOfAttempt,
  rememberPayment,
} from "./attempt";
import { FIRST, type Flow, type FlowEvent, isInFlight, nextFlow, paymentIn } from "./flow";
import { afterRefusal } from "./refusal";

const FOLLOW_EVERY_MS = 2_000;
const DOUBT_EVERY_MS = 5_000;
/** Past the server's own deadline of 10 s, what it does not list by then it never got. */
const ARRIVES_WITHIN_MS = 20_000;

export interface Payer {
  flow: Flow;
  send: (event: FlowEvent) => void;
  askAgain: () => void;
  pay: (securityCode: string, cardId: string) => void;
  checkNow: () => Promise<void>;
  returnFromBank: () => Promise<void>;
}

export function usePayment({ messageId, invoiceId }: PaneTarget): Payer {
  const client = useQueryClient();
  const [flow, send] = useReducer(nextFlow, FIRST, () => startFlow(invoiceId));
  const [attempt, setAttempt] = useState<Attempt | null>(() => sentAttempt(invoiceId));
  const { data: message } = useMessage(messageId);

  const take = (payment: Payment) => {
    client.setQueryData(keys.payment(payment.id), payment);
    setAttempt(rememberPayment(payment));
    send({ type: "payment", payment });
    if (payment.is_final || payment.is_paid) refreshAfterPayment(client);
  };

  useReviewOnLoading(flow, invoiceId, send);
  useAttemptOnConfirm(flow, { messageId, invoiceId }, message?.card?.payment?.id ?? null, setAttempt);
  useSettled(flow, attempt, () => forget());
  useFollowing(flow, attempt, take, () => send({ type: "never_arrived" }));
  useCardGone(message, flow, send);

  /** The server has said no: the next try is another request, so it gets another key. */
  const forget = () => {
    dropAttempt();
    setAttempt(null);
  };

  /** This key has its answer already. It is looked for; should nothing have come of it, it is no use any more. */
  const renewKey = (spent: Attempt) => {
    const renewed = { ...spent, key: crypto.randomUUID() };
    keepAttempt(renewed);
    setAttempt(renewed);
  };

  const pay = (securityCode: string, cardId: string) => {
    if (flow.step !== "confirm" || attempt === null || flow.review.amount === null) return;
    const sent = { ...attempt, sentAt: Date.now() };
    keepAttempt(sent);
    setAttempt(sent);
    send({ type: "sent", cardId });
    const { review } = flow;
    const order = {
      invoice_id: invoiceId,
      card_id: cardId,
      amount: flow.review.amount,
      payee: review.payee,
      invoice_number: review.invoice_number,
      request_id: review.request_id,
      security_code: securityCode,
    };
    paymentCalls.pay(order, sent.key).then(take, (error: unknown) => {
      const event = afterRefusal(error);
      if (event.type === "no_card") void client.invalidateQueries({ queryKey: keys.message(messageId) });
      if (event.type !== "answer_lost") forget();
      else if (codeOf(error) === "idempotency_key_reused") renewKey(sent);
      send(event);
    });
  };

  const checkNow = async () => {
    const known = paymentIn(flow)?.id ?? attempt?.paymentId ?? null;
    if (known !== null) return take(await paymentCalls.checkNow(known).catch(() => paymentCalls.get(known)));
    const { items } = await paymentCalls.list();
    const found = attempt === null ? null : paymentOfAttempt(items, attempt);
    if (found !== null) take(found);
    else if (attempt === null || hasHadTime(attempt)) send({ type: "never_arrived" });
  };

  const returnFromBank = async () => {
    const payment = paymentIn(flow);
    if (payment !== null) take(await paymentCalls.returned(payment.id).catch(() => paymentCalls.get(payment.id)));
  };

  return {
    flow,
    send,
    askAgain: () => send({ type: "ask_again" }),
    pay,
    checkNow,
    returnFromBank,
  };
}

function sentAttempt(invoiceId: string): Attempt | null {
  const kept = keptAttempt();
  return kept !== null && kept.invoiceId === invoiceId && kept.sentAt !== null ? kept : null;
}

/** After a reload in mid-payment the pane stands where it stood, and asks. */
function startFlow(invoiceId: string): Flow {
  const sent = sentAttempt(invoiceId);
  if (sent === null) return FIRST;
  return { step: sent.paymentId === null ? "uncertain" : "working", review: null, cardId: null, payment: null };
}

function hasHadTime(attempt: Attempt): boolean {
  return attempt.sentAt === null || Date.now() - attempt.sentAt > ARRIVES_WITHIN_MS;
}

function useReviewOnLoading(flow: Flow, invoiceId: string, send: (event: FlowEvent) => void): void {
  const refuse = useEffectEvent((error: unknown) => {
    if (!(error instanceof ApiProblem) || codeOf(error) !== "no_card") return send({ type: "review_failed", error });
    send({ type: "no_card", detail: error.problem.detail ?? null });
  });
  const loading = flow.step === "loading";
  useEffect(() => {
    if (!loading) return;
    let stopped = false;
    paymentCalls.review(invoiceId).then(
      (review) => stopped || send({ type: "reviewed", review }),
      (error: unknown) => stopped || refuse(error),
    );
    return () => {
      stopped = true;
    };
  }, [loading, invoiceId, send]);
}

/** Key and attempt are made when the confirm step opens, not when Pay is pressed. */
function useAttemptOnConfirm(
  flow: Flow,
  target: PaneTarget,
  lastPaymentId: string | null,
  setAttempt: (attempt: Attempt) => void,
): void {
  const begin = useEffectEvent(() => setAttempt(attemptFor(target, lastPaymentId)));
  const confirming = flow.step === "confirm";
  useEffect(() => {
    if (confirming) begin();
  }, [confirming]);
}

/** An outcome ends the attempt: the next try is a new one, with a new key. */
function useSettled(flow: Flow, attempt: Attempt | null, onSettled: () => void): void {
  const end = useEffectEvent(onSettled);
  const settled = flow.step === "done" || flow.step === "already_paid";
  const hasAttempt = attempt !== null;
  useEffect(() => {
    if (settled && hasAttempt) end();
  }, [settled, hasAttempt]);
}

/** Follows what was sent: by the payment's id once it is known, by the list before. Server push hastens it. */
function useFollowing(
  flow: Flow,
  attempt: Attempt | null,
  take: (payment: Payment) => void,
  onNeverArrived: () => void,
): void {
  const inFlight = isInFlight(flow);
  const paymentId = paymentIn(flow)?.id ?? attempt?.paymentId ?? null;
  const every = flow.step === "uncertain" ? DOUBT_EVERY_MS : FOLLOW_EVERY_MS;
  const payment = useQuery({
    queryKey: keys.payment(paymentId ?? ""),
    queryFn: () => paymentCalls.get(paymentId ?? ""),
    enabled: inFlight && paymentId !== null,
    refetchInterval: every,
    staleTime: 0,
  });
  const list = useQuery({
    queryKey: ["payment", "lost", attempt?.key ?? ""],
    queryFn: async () => (attempt === null ? null : paymentOfAttempt((await paymentCalls.list()).items, attempt)),
    enabled: flow.step === "uncertain" && paymentId === null && attempt !== null,
    refetchInterval: DOUBT_EVERY_MS,
    staleTime: 0,
    gcTime: 0,
  });
  const onPayment = useEffectEvent(take);
  const onMissing = useEffectEvent(() => {
    if (attempt !== null && hasHadTime(attempt)) onNeverArrived();
  });
  useEffect(() => {
    if (inFlight && payment.data !== undefined) onPayment(payment.data);
  }, [inFlight, payment.data]);
  useEffect(() => {
    if (list.data) onPayment(list.data);
    else if (list.data === null && list.dataUpdatedAt > 0) onMissing();
  }, [list.data, list.dataUpdatedAt]);
}

/** A switch changed while the pane was open: the card is gone from the message, so from here too. */
function useCardGone(message: Message | undefined, flow: Flow, send: (event: FlowEvent) => void): void {
  const goneBecause = message === undefined || message.card !== null ? null : (message.verdict.reasons[0]?.text ?? "");
  const inFlight = isInFlight(flow);
  useEffect(() => {
    if (goneBecause !== null && !inFlight) send({ type: "no_card", detail: goneBecause });
  }, [goneBecause, inFlight, send]);
}
