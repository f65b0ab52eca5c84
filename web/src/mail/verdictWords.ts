// From verdict codes and authentication results to plain words. Pure.

import type { Message } from "../api/types";
import english from "../locales/en.json";
import type { TextId, Translate } from "../text/catalogue";
import type { Language } from "../text/language";

export interface CheckLine {
  method: string;
  /** The result in one word, for example "Passed". */
  result: string;
  passed: boolean;
  text: string | null;
}

const RESULT_WORDS: Partial<Record<string, TextId>> = {
  pass: "auth.pass",
  fail: "auth.fail",
  softfail: "auth.softfail",
  neutral: "auth.neutral",
  none: "auth.none",
  temperror: "auth.temperror",
  permerror: "auth.permerror",
  policy: "auth.policy",
};

type Method = "dkim" | "spf" | "dmarc";

function sentence(method: Method, result: string, domain: string | null, t: Translate): string | null {
  const known =
    result === "pass" || result === "none" ? result : result === "fail" || result === "softfail" ? "fail" : null;
  return known === null ? null : t(`auth.${method}_${known}`, { domain: domain ?? t("auth.unknown_domain") });
}

function line(method: Method, result: string, domain: string | null, t: Translate): CheckLine {
  return {
    method: t(`auth.${method}`),
    result: resultWord(result, t),
    passed: result === "pass",
    text: sentence(method, result, domain, t),
  };
}

function resultWord(result: string, t: Translate): string {
  const id = RESULT_WORDS[result];
  return id === undefined ? result : t(id);
}

/** What was checked on arrival, one line each. */
export function checkLines({ dkim, spf, dmarc, arc }: Message["authentication"], t: Translate): CheckLine[] {
  const signatures = dkim.length === 0 ? [{ result: "none", domain: null }] : dkim;
  const lines = [
    ...signatures.map(({ result, domain }) => line("dkim", result, domain, t)),
    line("spf", spf.result, spf.domain, t),
    line("dmarc", dmarc.result, dmarc.domain, t),
  ];
  if (arc.result !== "none") {
    lines.push({ method: t("auth.arc"), result: resultWord(arc.result, t), passed: arc.result === "pass", text: null });
  }
  return lines;
}

export interface Reason {
  text: string;
  language: Language;
}

/** The server's English text names the domain or record that decided; other languages have a sentence per code. */
export function reasonText(reason: { code: string; text: string }, t: Translate, language: Language): Reason {
  const id = `reason.${reason.code}`;
  const translated = language !== "en" && id in english;
  return translated ? { text: t(id as TextId), language } : { text: reason.text, language: "en" };
}

const NOT_ABOUT_SENDER: readonly string[] = [
  "unreadable",
  "no_payment_action",
  "several_invoices",
  "forwarded",
  "sources_disagree",
  "partner_not_approved",
  "partner_in_test",
  "partner_suspended",
  "merchant_not_approved",
  "merchant_in_test",
  "merchant_suspended",
  "invoice_paid",
  "invoice_automatic",
  "invoice_credit",
  "invoice_self_billed",
  "invoice_direct_debit",
  "nothing_due",
  "amount_unknown",
  "number_missing",
  "invoice_check",
];

/** Most holds rest on who sent the mail; the others must not accuse the sender. */
export function isAboutSender(message: Message): boolean {
  const code = message.verdict.reasons[0]?.code;
  return code === undefined || !NOT_ABOUT_SENDER.includes(code);
}

/** Nobody vouches for this message, or not well enough. */
export function isDoubtful(message: Message): boolean {
  return message.verdict.kind === "hold" && isAboutSender(message);
}
