import { beforeEach, describe, expect, it, vi } from "vitest";
import { attemptFor, dropAttempt, keepAttempt, keptAttempt, paymentOfAttempt, rememberPayment } from "./attempt";
import { payment } from "./testFixtures";

class MemoryStorage {
  private readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

const target = { messageId: "message-1", invoiceId: "invoice-1" };

beforeEach(() => vi.stubGlobal("sessionStorage", new MemoryStorage()));

describe("attempt [PAY-003]", () => {
  it("keeps its key over reloads as long as nothing came of it", () => {
    const first = attemptFor(target, null);
    keepAttempt({ ...first, sentAt: 1 });
    expect(keptAttempt()).toMatchObject({ key: first.key, sentAt: 1 });
    expect(attemptFor(target, null)).toMatchObject({ key: first.key, sentAt: null });
  });

  it("gets another key once the server has made a payment of it", () => {
    const first = attemptFor(target, null);
    expect(rememberPayment(payment())).toMatchObject({ key: first.key, paymentId: "payment-1" });
    const second = attemptFor(target, null);
    expect(second.key).not.toBe(first.key);
    expect(second.previousPaymentId).toBe("payment-1");
  });

  it("belongs to one invoice", () => {
    const first = attemptFor(target, null);
    expect(rememberPayment(payment({ invoice_id: "other" }))).toBeNull();
    expect(attemptFor({ ...target, invoiceId: "other" }, null).key).not.toBe(first.key);
  });

  it("never holds the security code [PAY-011]", () => {
    expect(Object.keys(attemptFor(target, null)).sort()).toEqual(
      ["invoiceId", "key", "messageId", "paymentId", "previousPaymentId", "sentAt"].sort(),
    );
  });

  it("survives what is no attempt", () => {
    sessionStorage.setItem("saldo.attempt", "{broken");
    expect(keptAttempt()).toBeNull();
    sessionStorage.setItem("saldo.attempt", '{"key":1}');
    expect(keptAttempt()).toBeNull();
    dropAttempt();
    expect(keptAttempt()).toBeNull();
  });
});

describe("the payment of an attempt whose answer was lost", () => {
  const attempt = () => attemptFor(target, "old");

  it("is the invoice's newest, unless that one was there before", () => {
    expect(paymentOfAttempt([payment({ id: "new" }), payment({ id: "old" })], attempt())?.id).toBe("new");
    expect(paymentOfAttempt([payment({ id: "old" })], attempt())).toBeNull();
    expect(paymentOfAttempt([payment({ invoice_id: "other" })], attempt())).toBeNull();
  });
});
