// The attempt to pay: made when the confirm step opens, kept in this tab's session storage so that a reload
// in mid-payment neither loses nor doubles it [PAY-003]. The security code is never part of it [PAY-011].

import type { Payment } from "../api/types";
import type { PaneTarget } from "../shell/paymentPane";

export interface Attempt {
  /** Idempotency key of every try of this attempt. */
  key: string;
  messageId: string;
  invoiceId: string;
  /** The invoice's last finished payment when this attempt began: not to be taken for this one. */
  previousPaymentId: string | null;
  /** When Pay was pressed; null before. */
  sentAt: number | null;
  /** Known once the server has answered. */
  paymentId: string | null;
}

const STORAGE_KEY = "saldo.attempt";

export function newAttempt(target: PaneTarget, previousPaymentId: string | null): Attempt {
  return { key: crypto.randomUUID(), ...target, previousPaymentId, sentAt: null, paymentId: null };
}

export function keepAttempt(attempt: Attempt, storage: Storage = sessionStorage): void {
  storage.setItem(STORAGE_KEY, JSON.stringify(attempt));
}

export function dropAttempt(storage: Storage = sessionStorage): void {
  storage.removeItem(STORAGE_KEY);
}

export function keptAttempt(storage: Storage = sessionStorage): Attempt | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? "null");
    return isAttempt(value) ? value : null;
  } catch {
    return null;
  }
}

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== "object" || value === null) return false;
  const { key, messageId, invoiceId, previousPaymentId, sentAt, paymentId } = value as Record<string, unknown>;
  const textOrNull = (field: unknown) => field === null || typeof field === "string";
  return (
    [key, messageId, invoiceId].every((field) => typeof field === "string") &&
    textOrNull(previousPaymentId) &&
    textOrNull(paymentId) &&
    (sentAt === null || typeof sentAt === "number")
  );
}

/** The attempt to use for an invoice: the kept one as long as nothing came of it, else a new one. */
export function attemptFor(target: PaneTarget, lastPaymentId: string | null): Attempt {
  const kept = keptAttempt();
  const ours = kept !== null && kept.invoiceId === target.invoiceId ? kept : null;
  const unused = ours !== null && ours.paymentId === null;
  const attempt = unused ? { ...ours, sentAt: null } : newAttempt(target, ours?.paymentId ?? lastPaymentId);
  keepAttempt(attempt);
  return attempt;
}

/** The server has named the payment of the kept attempt. Returns the invoice's attempt as it is now. */
export function rememberPayment(payment: Payment): Attempt | null {
  const kept = keptAttempt();
  if (kept === null || kept.invoiceId !== payment.invoice_id) return null;
  if (kept.paymentId === payment.id) return kept;
  const known = { ...kept, paymentId: payment.id };
  keepAttempt(known);
  return known;
}

/** Finds an attempt's payment in the list (newest first) where the answer that named it was lost. */
export function paymentOfAttempt(payments: readonly Payment[], attempt: Attempt): Payment | null {
  if (attempt.paymentId !== null) return payments.find((payment) => payment.id === attempt.paymentId) ?? null;
  const newest = payments.find((payment) => payment.invoice_id === attempt.invoiceId);
  return newest === undefined || newest.id === attempt.previousPaymentId ? null : newest;
}
