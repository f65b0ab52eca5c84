// What can go wrong in a call, as one error value: the server's problem+json, or no answer at all.

import type { TextId, Translate } from "../text/catalogue";
import type { Problem } from "./types";

/** The server answered with a problem. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail ?? problem.title}`);
    this.name = "ApiProblem";
  }
}

/** No answer: nobody knows whether the server acted. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super("no answer from the server", { cause });
    this.name = "NoAnswer";
  }
}

const BY_CODE: Partial<Record<string, TextId>> = {
  too_many_requests: "problem.rate_limited",
  biller_unavailable: "problem.biller_unavailable",
  biller_answer_unusable: "problem.biller_answer_unusable",
  card_unknown: "problem.card_unknown",
  card_in_use: "problem.card_in_use",
  invalid_fields: "problem.invalid_fields",
  order_unusable: "problem.order_unusable",
  processor_unavailable: "problem.processor_unavailable",
  processor_answer_unusable: "problem.processor_unavailable",
  busy: "problem.busy",
  no_answer_yet: "problem.busy",
  too_late: "problem.too_late",
};

/** Here the biller says more than we can know: its own words follow ours. */
const WITH_DETAIL: Partial<Record<string, TextId>> = {
  biller_refused: "problem.biller_refused",
  biller_asks_more: "problem.biller_asks_more",
};

const BY_STATUS: Partial<Record<number, TextId>> = { 401: "signin.again", 429: "problem.rate_limited" };

export function codeOf(error: unknown): string | null {
  return error instanceof ApiProblem ? error.problem.code : null;
}

/** One line for the reader. The code to quote stands in it only where we have no better words. */
export function problemText(error: unknown, t: Translate, paying = false): string {
  if (!(error instanceof ApiProblem)) return t("problem.network");
  const { code, status, detail, request_id: id } = error.problem;
  const explained = WITH_DETAIL[code];
  if (explained) return detail ? `${t(explained)} ${detail}` : t(explained);
  const known = BY_CODE[code] ?? BY_STATUS[status];
  if (known) return t(known);
  return t(paying ? "problem.server_nothing_paid" : "problem.server", { id });
}

/** Turns an error response of any shape into a problem; proxies answer with plain text. */
export function asProblem(body: unknown, response: Response): Problem {
  if (typeof body === "object" && body !== null && "code" in body && "request_id" in body) return body as Problem;
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: `http_${response.status}`,
    request_id: response.headers.get("x-request-id") ?? `HTTP ${response.status}`,
  };
}
