import { describe, expect, it } from "vitest";
import type { Payment } from "../api/types";
import { declineReason, FIRST, type Flow, type FlowEvent, isInFlight, nextFlow, stepCount, usableCard } from "./flow";
import { card, payment, review } from "./testFixtures";

const flowAfter = (...events: FlowEvent[]): Flow => events.reduce(nextFlow, FIRST);
const reviewed: FlowEvent = { type: "reviewed", review: review() };
const toConfirm: FlowEvent[] = [reviewed, { type: "continue", cards: [card()] }];
const toWorking: FlowEvent[] = [...toConfirm, { type: "sent", cardId: "card-1" }];
const answered = (other: Partial<Payment>): FlowEvent => ({ type: "payment", payment: payment(other) });

describe("on the way to paying", () => {
  it("shows the biller's answer first", () => {
    expect(flowAfter(reviewed).step).toBe("review");
  });

  it("asks a first-time payer for a card, a returning one for the code", () => {
    expect(flowAfter(reviewed, { type: "continue", cards: [] })).toMatchObject({ step: "details", adding: false });
    expect(flowAfter(...toConfirm)).toMatchObject({ step: "confirm", cardId: "card-1" });
  });

  it("goes on with the card just saved", () => {
    const flow = flowAfter(reviewed, { type: "continue", cards: [] }, { type: "card_saved", cardId: "new" });
    expect(flow).toMatchObject({ step: "confirm", cardId: "new" });
  });

  it("goes back from adding a card to the confirmation", () => {
    expect(flowAfter(...toConfirm, { type: "add_card" }, { type: "leave_details" }).step).toBe("confirm");
    expect(flowAfter(reviewed, { type: "continue", cards: [] }, { type: "leave_details" }).step).toBe("review");
  });

  it("shows an invoice that is paid, and follows a payment that runs", () => {
    expect(flowAfter({ type: "reviewed", review: review({ already_paid: true }) }).step).toBe("already_paid");
    const live = review({ live_payment: payment({ state: "unknown" }) });
    expect(flowAfter({ type: "reviewed", review: live }).step).toBe("uncertain");
  });

  it("does not offer cards that cannot pay", () => {
    expect(usableCard([card({ expired: true })], review())).toBeNull();
    expect(usableCard([card({ brand: "amex" })], review())).toBeNull();
    expect(usableCard([card({ processor: "other" })], review())).toBeNull();
    const second = card({ id: "card-2" });
    expect(usableCard([card({ is_default: false }), second], review())?.id).toBe("card-2");
  });

  it("says when nothing came back from the biller", () => {
    expect(flowAfter({ type: "review_failed", error: new Error("down") }).step).toBe("failed");
  });
});

describe("after Pay", () => {
  it("ignores a second press", () => {
    const working = flowAfter(...toWorking);
    expect(working.step).toBe("working");
    expect(nextFlow(working, { type: "sent", cardId: "card-1" })).toBe(working);
  });

  it.each(["captured", "notified", "settled"] as const)("%s is paid", (state) => {
    expect(flowAfter(...toWorking, answered({ state, is_paid: true })).step).toBe("done");
  });

  it("opens the bank's page, and goes on after it", () => {
    const bank = answered({ state: "action", action_url: "https://bank.example/1" });
    expect(flowAfter(...toWorking, bank)).toMatchObject({ step: "bank", actionUrl: "https://bank.example/1" });
    expect(flowAfter(...toWorking, bank, answered({ state: "captured" })).step).toBe("done");
    expect(flowAfter(...toWorking, bank, answered({ state: "expired" }))).toMatchObject({
      notice: { kind: "expired" },
    });
    expect(flowAfter(...toWorking, bank, answered({ state: "cancelled" }))).toMatchObject({
      notice: { kind: "cancelled" },
    });
  });

  it("comes back to the same card for a wrong code, and asks for another where that helps", () => {
    const declined = (reason_code: string) =>
      flowAfter(...toWorking, answered({ state: "declined", is_final: true, reason_code }));
    expect(declined("incorrect_cvc")).toMatchObject({ step: "confirm", cardId: "card-1", choosing: false });
    expect(declined("expired_card")).toMatchObject({ step: "confirm", cardId: null, choosing: true });
    expect(declined("insufficient_funds")).toMatchObject({ choosing: true });
    expect(declined("stolen_card")).toMatchObject({ notice: { kind: "declined", reason: "generic" } });
  });

  it("keeps the card in hand while another is being chosen", () => {
    const confirm: Flow = { step: "confirm", review: review(), cardId: null, choosing: false, notice: null };
    expect(nextFlow(confirm, { type: "choose", cardId: "card-1" })).toMatchObject({ cardId: "card-1", choosing: true });
  });

  it("shows four messages, never the processor's own", () => {
    expect(declineReason("lost_card")).toBe("generic");
    expect(declineReason("fraudulent")).toBe("generic");
    expect(declineReason(null)).toBe("generic");
    expect(declineReason("invalid_cvc")).toBe("incorrect_cvc");
  });

  it("shows a changed amount and asks again", () => {
    const changed = review({ amount: { minor: 130000, currency: "PLN" } });
    expect(flowAfter(...toWorking, { type: "consent_void", review: changed })).toMatchObject({
      step: "review",
      notice: { kind: "amount_changed", from: { minor: 123450 }, to: { minor: 130000 } },
    });
    const renamed = review({ payee: "Somebody else" });
    expect(flowAfter(...toWorking, { type: "consent_void", review: renamed })).toMatchObject({
      notice: { kind: "details_changed" },
    });
  });

  it("shows that it was paid elsewhere meanwhile", () => {
    expect(flowAfter(...toWorking, { type: "found_paid", review: review() }).step).toBe("already_paid");
  });
});

describe("not knowing [PAY-007]", () => {
  const lost: FlowEvent[] = [...toWorking, { type: "answer_lost" }];

  it("is a step of its own, in which Pay is locked", () => {
    const flow = flowAfter(...lost);
    expect(flow.step).toBe("uncertain");
    expect(isInFlight(flow)).toBe(true);
    for (const event of [
      { type: "sent", cardId: "card-1" },
      { type: "ask_again" },
      { type: "continue", cards: [card()] },
    ] as FlowEvent[]) {
      expect(nextFlow(flow, event)).toBe(flow);
    }
  });

  it("is not ended by the payment being under way", () => {
    expect(flowAfter(...lost, answered({ state: "sent" })).step).toBe("uncertain");
  });

  it("ends with the server's word", () => {
    expect(flowAfter(...lost, answered({ state: "captured" })).step).toBe("done");
    expect(flowAfter(...lost, answered({ state: "declined" })).step).toBe("confirm");
    expect(flowAfter(...lost, { type: "never_arrived" })).toMatchObject({
      step: "confirm",
      notice: { kind: "not_sent" },
    });
  });

  it("does not take a payment that the server knows for one that never arrived", () => {
    const flow = flowAfter(...lost, answered({ state: "unknown" }));
    expect(nextFlow(flow, { type: "never_arrived" })).toBe(flow);
  });

  it("reads the invoice again after a reload before anything can be pressed", () => {
    const reloaded: Flow = { step: "uncertain", review: null, cardId: null, payment: null };
    expect(nextFlow(reloaded, answered({ state: "declined" }))).toMatchObject({
      step: "loading",
      notice: { kind: "declined" },
    });
  });
});

describe("a switch goes off", () => {
  const off: FlowEvent = { type: "no_card", detail: "OutlookPayEnabled is off" };

  it("ends everything that was not sent", () => {
    expect(flowAfter(off).step).toBe("no_card");
    expect(flowAfter(...toConfirm, off).step).toBe("no_card");
  });

  it("lets what was sent finish", () => {
    expect(flowAfter(...toWorking, answered({ state: "sent" }), off).step).toBe("working");
    expect(flowAfter(...toWorking, answered({ state: "captured" }), off).step).toBe("done");
  });
});

describe("steps", () => {
  it("counts two with a card, three without", () => {
    expect(stepCount(flowAfter(reviewed), true)).toEqual({ step: 1, steps: 2 });
    expect(stepCount(flowAfter(reviewed), false)).toEqual({ step: 1, steps: 3 });
    expect(stepCount(flowAfter(...toConfirm), false)).toEqual({ step: 3, steps: 3 });
    expect(stepCount(flowAfter(...toWorking), false)).toBeNull();
  });
});
