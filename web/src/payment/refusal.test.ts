import { describe, expect, it } from "vitest";
import { ApiProblem, NoAnswer } from "../api/problem";
import type { Problem } from "../api/types";
import { afterRefusal } from "./refusal";
import { review } from "./testFixtures";

const problem = (status: number, code: string, other: Partial<Problem> = {}) =>
  new ApiProblem({ type: `urn:saldo:problem:${code}`, title: code, status, code, request_id: "r-1", ...other });

describe("the server's no", () => {
  it.each([
    new NoAnswer(new TypeError("Failed to fetch")),
    problem(500, "internal"),
    problem(502, "http_502"),
    problem(503, "busy"),
    problem(504, "no_answer_yet"),
    problem(409, "idempotency_key_running"),
    problem(422, "idempotency_key_reused"),
  ])("is doubt where it is no clear no: $message", (error) => {
    expect(afterRefusal(error)).toEqual({ type: "answer_lost" });
  });

  it.each([
    problem(503, "biller_unavailable"),
    problem(409, "biller_refused", { detail: "The invoice was withdrawn." }),
    problem(502, "biller_asks_more", { detail: "A purchase order number is wanted." }),
    problem(404, "card_unknown"),
    problem(401, "session_ended"),
    problem(429, "too_many_requests"),
  ])("goes back to the payer: $message", (error) => {
    expect(afterRefusal(error)).toEqual({ type: "refused", error });
  });

  it("brings a new review along where what was agreed has changed", () => {
    expect(afterRefusal(problem(409, "consent_void", { review: review() })).type).toBe("consent_void");
    expect(afterRefusal(problem(409, "already_paid", { review: review() })).type).toBe("found_paid");
    expect(afterRefusal(problem(403, "no_card", { detail: "switch" }))).toEqual({ type: "no_card", detail: "switch" });
  });
});
