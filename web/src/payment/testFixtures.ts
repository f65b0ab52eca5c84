// A review, a card and a payment for the tests, each with what a test wants to be different.

import type { Card, Payment, Review } from "../api/types";

export const review = (other: Partial<Review> = {}): Review => ({
  invoice_id: "invoice-1",
  request_id: "request-1",
  payee: "Studio Brzoza sp. z o.o.",
  broker_name: "Ledgerly",
  invoice_number: "SB-1",
  issue_date: "2026-11-22",
  due_date: "2026-12-07",
  overdue_days: 0,
  amount: { minor: 123450, currency: "PLN" },
  lines: [],
  already_paid: false,
  confirmation_number: null,
  has_document: true,
  networks: ["visa", "mastercard"],
  types: ["credit", "debit"],
  differences: [],
  confirmed_domain: "mail.ledgerly.example",
  live_payment: null,
  processor: "sandbox",
  test: false,
  ...other,
});

export const card = (other: Partial<Card> = {}): Card => ({
  id: "card-1",
  processor: "sandbox",
  brand: "visa",
  last4: "4242",
  expiry: "08/28",
  expired: false,
  holder: "Anna Nowak",
  nickname: null,
  is_default: true,
  created_at: "2026-11-23T04:00:00Z",
  last_used_at: null,
  ...other,
});

export const payment = (other: Partial<Payment> = {}): Payment => ({
  id: "payment-1",
  invoice_id: "invoice-1",
  state: "sent",
  is_final: false,
  is_paid: false,
  amount: { minor: 123450, currency: "PLN" },
  payee: "Studio Brzoza sp. z o.o.",
  invoice_number: "SB-1",
  created_at: "2026-11-23T04:00:00Z",
  updated_at: "2026-11-23T04:00:00Z",
  next_check_at: null,
  biller_ref: null,
  reason_code: null,
  reason_text: null,
  action_url: null,
  receipt_number: null,
  card: { brand: "visa", last4: "4242" },
  test: false,
  ...other,
});
