import { describe, expect, it } from "vitest";
import english from "../locales/en.json";
import type { Translate } from "../text/catalogue";
import { ApiProblem, asProblem, NoAnswer, problemText } from "./problem";

const t: Translate = (id, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), english[id]);

const response = (status: number, headers: HeadersInit = {}) => new Response(null, { status, headers });

describe("problems in words", () => {
  it("has a sentence for what it knows, and a code to quote for what it does not", () => {
    const problem = (code: string, status: number) =>
      new ApiProblem({ type: "", title: "", status, code, request_id: "r-7" });
    expect(problemText(problem("card_in_use", 409), t)).toBe(english["problem.card_in_use"]);
    expect(problemText(problem("internal", 500), t)).toContain("Code r-7");
    expect(problemText(problem("internal", 500), t, true)).toContain("Nothing was paid");
    expect(problemText(problem("session_ended", 401), t)).toBe(english["signin.again"]);
    const refused = problem("biller_refused", 409);
    expect(problemText(refused, t, true)).toBe(english["problem.biller_refused"]);
    refused.problem.detail = "The invoice was withdrawn.";
    expect(problemText(refused, t, true)).toBe(`${english["problem.biller_refused"]} The invoice was withdrawn.`);
    expect(problemText(new NoAnswer(null), t)).toBe(english["problem.network"]);
  });

  it("makes a problem of any answer", () => {
    expect(asProblem("<html>", response(502)).code).toBe("http_502");
    expect(asProblem(null, response(502, { "x-request-id": "r-8" })).request_id).toBe("r-8");
  });
});
