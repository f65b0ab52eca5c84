// The payment pane as a state machine: which step the reader is at, and where each event leads. Pure; the calls
// are made by usePayment. "Unknown" is a step of its own, and from there only the server's word leads on [PAY-007].

import type { Card, Money, Payment, Review } from "../api/types";

/** What the last try came to, shown above the step that the reader goes on from. */
export type Notice =
  | { kind: "declined"; reason: DeclineReason }
  | { kind: "expired" | "cancelled" | "not_sent" | "details_changed" }
  | { kind: "amount_changed"; from: Money; to: Money }
  | { kind: "error"; error: unknown };

export const DECLINE_REASONS = ["generic", "incorrect_cvc", "expired_card", "insufficient_funds"] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export type Flow =
  | { step: "loading"; notice: Notice | null }
  | { step: "failed"; error: unknown }
  | { step: "review"; review: Review; notice: Notice | null }
  | { step: "details"; review: Review; adding: boolean }
  | { step: "confirm"; review: Review; cardId: string | null; choosing: boolean; notice: Notice | null }
  | { step: "working"; review: Review | null; cardId: string | null; payment: Payment | null }
  | { step: "bank"; review: Review | null; cardId: string | null; payment: Payment; actionUrl: string }
  | { step: "uncertain"; review: Review | null; cardId: string | null; payment: Payment | null }
  | { step: "done"; payment: Payment }
  | { step: "already_paid"; review: Review }
  | { step: "no_card"; detail: string | null };

export type FlowEvent =
  | { type: "ask_again" }
  | { type: "reviewed"; review: Review }
  | { type: "review_failed"; error: unknown }
  | { type: "continue"; cards: readonly Card[] }
  | { type: "back_to_review" }
  | { type: "choose"; cardId: string | null }
  | { type: "card_chosen"; cardId: string }
  | { type: "add_card" }
  | { type: "leave_details" }
  | { type: "card_saved"; cardId: string }
  | { type: "sent"; cardId: string }
  | { type: "payment"; payment: Payment }
  | { type: "answer_lost" }
  | { type: "never_arrived" }
  | { type: "refused"; error: unknown }
  | { type: "consent_void"; review: Review }
  | { type: "found_paid"; review: Review }
  | { type: "no_card"; detail: string | null };

export const FIRST: Flow = { step: "loading", notice: null };

const IN_FLIGHT: ReadonlySet<Flow["step"]> = new Set(["working", "bank", "uncertain"]);

/** Something was or may have been sent: the pane may not forget it, nor be taken over by another invoice. */
export function isInFlight(flow: Flow): boolean {
  return IN_FLIGHT.has(flow.step);
}

export function nextFlow(flow: Flow, event: FlowEvent): Flow {
  switch (event.type) {
    case "ask_again":
      return isInFlight(flow) ? flow : FIRST;
    case "reviewed":
      return afterReview(flow, event.review);
    case "review_failed":
      return flow.step === "loading" ? { step: "failed", error: event.error } : flow;
    case "payment":
      return afterPayment(flow, event.payment);
    case "answer_lost":
    case "never_arrived":
      return isInFlight(flow) ? afterSilence(flow, event.type) : flow;
    case "refused":
      return resume(flow, { kind: "error", error: event.error });
    case "consent_void":
      return { step: "review", review: event.review, notice: changeBetween(reviewOf(flow), event.review) };
    case "found_paid":
      return { step: "already_paid", review: event.review };
    case "no_card":
      return isInFlight(flow) && paymentIn(flow) !== null ? flow : afterNoCard(flow, event);
    default:
      return afterChoice(flow, event);
  }
}

type Choice = Extract<
  FlowEvent,
  {
    type:
      | "continue"
      | "back_to_review"
      | "choose"
      | "card_chosen"
      | "add_card"
      | "leave_details"
      | "card_saved"
      | "sent";
  }
>;

/** What the reader does; what does not fit the step at hand is ignored (a second press, a late click). */
function afterChoice(flow: Flow, event: Choice): Flow {
  switch (flow.step) {
    case "review":
      return event.type === "continue" ? afterContinue(flow.review, event.cards) : flow;
    case "details":
      return afterDetails(flow, event);
    case "confirm":
      return afterConfirm(flow, event);
    default:
      return flow;
  }
}

function afterDetails(flow: Extract<Flow, { step: "details" }>, event: Choice): Flow {
  if (event.type === "card_saved") return confirm(flow.review, event.cardId, null);
  if (event.type !== "leave_details" && event.type !== "back_to_review") return flow;
  return flow.adding ? confirm(flow.review, null, null) : { step: "review", review: flow.review, notice: null };
}

function afterConfirm(flow: Extract<Flow, { step: "confirm" }>, event: Choice): Flow {
  switch (event.type) {
    case "back_to_review":
      return { step: "review", review: flow.review, notice: null };
    case "choose":
      return { ...flow, cardId: event.cardId, choosing: true };
    case "card_chosen":
      return { ...flow, cardId: event.cardId };
    case "add_card":
      return { step: "details", review: flow.review, adding: true };
    case "sent":
      return { step: "working", review: flow.review, cardId: event.cardId, payment: null };
    default:
      return flow;
  }
}

function afterSilence(flow: Flow, type: "answer_lost" | "never_arrived"): Flow {
  const payment = paymentIn(flow);
  if (type === "answer_lost") return { step: "uncertain", ...aboutOf(flow), payment };
  return payment === null ? resume(flow, { kind: "not_sent" }) : flow;
}

function afterReview(flow: Flow, review: Review): Flow {
  if (flow.step !== "loading") return flow;
  const live = review.live_payment;
  if (live !== null && !live.is_final)
    return afterPayment({ step: "working", review, cardId: null, payment: live }, live);
  if (review.already_paid) return { step: "already_paid", review };
  return { step: "review", review, notice: flow.notice };
}

function afterContinue(review: Review, cards: readonly Card[]): Flow {
  const card = usableCard(cards, review);
  return card === null ? { step: "details", review, adding: false } : confirm(review, card.id, null);
}

/** The card to offer first: the default one, else the one used last, among those that can pay this invoice. */
export function usableCard(cards: readonly Card[], review: Review): Card | null {
  const usable = cards.filter((card) => canPay(card, review));
  return usable.find((card) => card.is_default) ?? usable[0] ?? null;
}

export function canPay(card: Card, review: Review): boolean {
  const networkTaken = review.networks.length === 0 || review.networks.includes(card.brand);
  return !card.expired && networkTaken && card.processor === review.processor;
}

function confirm(review: Review, cardId: string | null, notice: Notice | null): Flow {
  const needsOther =
    notice?.kind === "declined" && (notice.reason === "expired_card" || notice.reason === "insufficient_funds");
  return { step: "confirm", review, cardId: needsOther ? null : cardId, choosing: needsOther, notice };
}

function afterPayment(flow: Flow, payment: Payment): Flow {
  const about = aboutOf(flow);
  switch (payment.state) {
    case "intent":
    case "sent":
    case "retry":
      // Once in doubt, only an outcome ends the doubt.
      return flow.step === "uncertain" ? { ...flow, payment } : { step: "working", ...about, payment };
    case "action":
      return payment.action_url === null
        ? { step: "working", ...about, payment }
        : { step: "bank", ...about, payment, actionUrl: payment.action_url };
    case "unknown":
    case "manual":
      return { step: "uncertain", ...about, payment };
    case "captured":
    case "notified":
    case "settled":
    case "refund_pending":
    case "refunded":
      return { step: "done", payment };
    case "declined":
      return resume(flow, { kind: "declined", reason: declineReason(payment.reason_code) });
    case "expired":
      return resume(flow, { kind: "expired" });
    case "cancelled":
      return resume(flow, { kind: "cancelled" });
  }
}

function afterNoCard(flow: Flow, event: Extract<FlowEvent, { type: "no_card" }>): Flow {
  if (flow.step === "done" || flow.step === "already_paid") return flow;
  return { step: "no_card", detail: event.detail };
}

/** Back to where the reader can act; after a reload the invoice has to be read again first. */
function resume(flow: Flow, notice: Notice): Flow {
  const { review, cardId } = aboutOf(flow);
  return review === null ? { step: "loading", notice } : confirm(review, cardId, notice);
}

/** Processor codes come down to four messages; lost, stolen and fraud must not be told apart. */
export function declineReason(code: string | null): DeclineReason {
  switch (code) {
    case "incorrect_cvc":
    case "invalid_cvc":
      return "incorrect_cvc";
    case "expired_card":
    case "insufficient_funds":
      return code;
    default:
      return "generic";
  }
}

function changeBetween(before: Review | null, after: Review): Notice {
  const from = before?.amount ?? null;
  const to = after.amount;
  if (from === null || to === null) return { kind: "details_changed" };
  const same = from.minor === to.minor && from.currency === to.currency;
  return same ? { kind: "details_changed" } : { kind: "amount_changed", from, to };
}

export function reviewOf(flow: Flow): Review | null {
  return "review" in flow ? flow.review : null;
}

export function paymentIn(flow: Flow): Payment | null {
  return "payment" in flow ? flow.payment : null;
}

/** What a step in flight keeps from the step before, to go back to where the reader was. */
function aboutOf(flow: Flow): { review: Review | null; cardId: string | null } {
  return { review: reviewOf(flow), cardId: "cardId" in flow ? flow.cardId : null };
}

export interface StepCount {
  step: number;
  steps: number;
}

/** "Step 2 of 3": the details step exists only for a reader without a usable card. */
export function stepCount(flow: Flow, hasCard: boolean): StepCount | null {
  const steps = hasCard ? 2 : 3;
  switch (flow.step) {
    case "review":
      return { step: 1, steps };
    case "details":
      return flow.adding ? null : { step: 2, steps: 3 };
    case "confirm":
      return { step: steps, steps };
    default:
      return null;
  }
}
