// Reading what was typed as a card: brand, grouping, Luhn, expiry. Pure.

import valid from "card-validator";
import type { CardBrand } from "../api/types";
import type { FieldErrorCode } from "../payframe/protocol";
import { digitsOf } from "./digits";

const NUMBER_LENGTH_MAX = 19;

const BRAND_OF_TYPE: Partial<Record<string, CardBrand>> = {
  visa: "visa",
  mastercard: "mastercard",
  "american-express": "amex",
  discover: "discover",
  "diners-club": "diners",
  jcb: "jcb",
};

/** The brand once the digits leave one possibility, else null. */
export function cardBrand(typed: string): CardBrand | null {
  const digits = digitsOf(typed);
  const type = digits === "" ? null : valid.number(digits).card?.type;
  return BRAND_OF_TYPE[type ?? ""] ?? null;
}

/** 4-4-4-4, and 4-6-5 for American Express. */
export function formatNumber(typed: string): string {
  const digits = digitsOf(typed).slice(0, NUMBER_LENGTH_MAX);
  const groups = cardBrand(digits) === "amex" ? [4, 6, 5] : [4, 4, 4, 4, 3];
  const parts: string[] = [];
  let start = 0;
  for (const length of groups) {
    if (start >= digits.length) break;
    parts.push(digits.slice(start, start + length));
    start += length;
  }
  return parts.join(" ");
}

/** Null where the number is good; `networks` are those that the biller takes, none named = all. */
export function numberProblem(typed: string, networks: readonly string[]): FieldErrorCode | null {
  const digits = digitsOf(typed);
  if (digits === "") return "number_missing";
  if (!valid.number(digits, { luhnValidateUnionPay: true }).isValid) return "number_wrong";
  const brand = cardBrand(digits);
  if (brand === null || (networks.length > 0 && !networks.includes(brand))) return "card_type_refused";
  return null;
}

/** "0828", "8/28", "08/2028" → "08/28" while it is typed. */
export function formatExpiry(typed: string): string {
  const slash = typed.match(/^\s*(\d{1,2})\s*[/.-]\s*(\d*)/);
  if (slash !== null) {
    const [, month = "", year = ""] = slash;
    return `${month.padStart(2, "0")}/${year.length > 2 ? year.slice(0, 4) : year}`;
  }
  const digits = digitsOf(typed).slice(0, 6);
  const padded = /^[2-9]/.test(digits) ? `0${digits}` : digits;
  return padded.length > 2 ? `${padded.slice(0, 2)}/${padded.slice(2)}` : padded;
}

/** MM/YY of a date that expiryProblem found good. */
export function normalExpiry(typed: string): string {
  const [month = "", year = ""] = formatExpiry(typed).split("/");
  return `${month}/${year.slice(-2)}`;
}

export function expiryProblem(typed: string, now: Date): FieldErrorCode | null {
  const match = formatExpiry(typed).match(/^(0[1-9]|1[0-2])\/(?:20)?(\d{2})$/);
  if (match === null) return "expiry_wrong";
  const [, month = "", year = ""] = match;
  const monthsAhead = (2000 + Number(year) - now.getFullYear()) * 12 + Number(month) - (now.getMonth() + 1);
  return monthsAhead < 0 ? "expiry_past" : null;
}
