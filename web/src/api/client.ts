// The typed client. Every call ends in data, an ApiProblem or NoAnswer; a 401 tells the app to sign in again.

import createClient from "openapi-fetch";
import { ApiProblem, asProblem, NoAnswer } from "./problem";
import type { paths } from "./schema";

/** Longer than the server's own deadline (10 s, then 202), so that its answer always wins. */
const ANSWER_LIMIT_MS = 45_000;

export const api = createClient<paths>({
  baseUrl: "",
  fetch: (request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]) }),
});

let csrfValue = "";
let whenSignedOut: () => void = () => {};

export function keepCsrf(value: string): void {
  csrfValue = value;
}

export function csrf(): { "X-CSRF-Token": string } {
  return { "X-CSRF-Token": csrfValue };
}

export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

/** For those who learn it otherwise than by a call of `api`. */
export function reportSignedOut(): void {
  whenSignedOut();
}

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

/** Awaits a call of `api`: its data, or one of the two errors. */
export async function ask<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const answer = await call.catch((cause: unknown) => {
    throw new NoAnswer(cause);
  });
  if (answer.response.ok) return answer.data as Data;
  if (answer.response.status === 401) whenSignedOut();
  throw new ApiProblem(asProblem(answer.error, answer.response));
}
