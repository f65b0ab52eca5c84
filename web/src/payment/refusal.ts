// Reading the server's "no" to a payment order. Pure.

import { ApiProblem } from "../api/problem";
import type { FlowEvent } from "./flow";

const HTTP_CLIENT_ERROR = 400;
const HTTP_SERVER_ERROR = 500;

/** What an error of the pay call means. Only the server's clear "no" is a refusal; the rest is doubt [PAY-007]. */
export function afterRefusal(error: unknown): FlowEvent {
  if (!(error instanceof ApiProblem)) return { type: "answer_lost" };
  const { code, status, review, detail } = error.problem;
  switch (code) {
    case "consent_void":
      return review === undefined ? { type: "refused", error } : { type: "consent_void", review };
    case "already_paid":
      return review === undefined ? { type: "refused", error } : { type: "found_paid", review };
    case "no_card":
      return { type: "no_card", detail: detail ?? null };
    case "idempotency_key_running":
    case "idempotency_key_reused":
      return { type: "answer_lost" };
    case "biller_unavailable":
    case "biller_answer_unusable":
    case "biller_refused":
    case "biller_asks_more":
      return { type: "refused", error };
    default:
      return status >= HTTP_CLIENT_ERROR && status < HTTP_SERVER_ERROR
        ? { type: "refused", error }
        : { type: "answer_lost" };
  }
}
