// Amounts, dates and sizes in the reader's language. Money stays an integer of minor units until it becomes
// text [PAY-001]: the decimal string is cut from the digits, no floating point comes near it.

import type { Money } from "../api/types";
import type { Language } from "./language";

const REGION: Record<Language, string> = { en: "en-GB", pl: "pl-PL" };

function fractionDigits(currency: string): number {
  const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

/** 123450 PLN → "1234.50"; 500 JPY → "500". */
export function decimalText({ minor, currency }: Money): string {
  const digits = fractionDigits(currency);
  const sign = minor < 0 ? "-" : "";
  const padded = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = padded.slice(0, padded.length - digits);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${padded.slice(-digits)}`;
}

/** English names the currency by its code (PLN 1,234.50), Polish by its sign (1234,50 zł). */
export function formatMoney(money: Money, language: Language): string {
  return moneyFormat(money.currency, language).format(decimalText(money) as Intl.StringNumericLiteral);
}

function moneyFormat(currency: string, language: Language): Intl.NumberFormat {
  const currencyDisplay = language === "en" ? "code" : "symbol";
  return new Intl.NumberFormat(REGION[language], { style: "currency", currency, currencyDisplay });
}

/** "1234.50 PLN", as a message claims it; anything else stays as it came. */
export function formatClaimedMoney(text: string, language: Language): string {
  const [, decimal, currency] = text.match(/^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/) ?? [];
  if (decimal === undefined || currency === undefined) return text;
  return moneyFormat(currency, language).format(decimal as Intl.StringNumericLiteral);
}

/** A decimal number that the server sends as text; anything else stays as it came. */
export function formatDecimal(text: string, language: Language): string {
  const fraction = text.match(/^-?\d+(?:\.(\d+))?$/);
  if (fraction === null) return text;
  const digits = fraction[1]?.length ?? 0;
  const format = new Intl.NumberFormat(REGION[language], {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(text as Intl.StringNumericLiteral);
}

/** A calendar day (YYYY-MM-DD): it belongs to no time zone and must not move with the reader's. */
export function formatDay(day: string, language: Language): string {
  const time = Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(time)) return day;
  return new Intl.DateTimeFormat(REGION[language], { dateStyle: "medium", timeZone: "UTC" }).format(time);
}

/** A moment, as a day of the reader's own time zone. */
export function formatMomentDay(moment: string, language: Language): string {
  return formatMoment(moment, language, { dateStyle: "medium" });
}

export function formatMomentFull(moment: string, language: Language): string {
  return formatMoment(moment, language, { dateStyle: "full", timeStyle: "short" });
}

export function formatTime(moment: string, language: Language): string {
  return formatMoment(moment, language, { timeStyle: "short" });
}

function formatMoment(moment: string, language: Language, options: Intl.DateTimeFormatOptions): string {
  const time = Date.parse(moment);
  if (Number.isNaN(time)) return moment;
  return new Intl.DateTimeFormat(REGION[language], options).format(time);
}

/** As mail lists do it: the time today, the weekday this week, else the day. */
export function formatListMoment(moment: string, language: Language, now: Date): string {
  const days = daysBetween(new Date(moment), now);
  if (days <= 0) return formatTime(moment, language);
  if (days < 7) return formatMoment(moment, language, { weekday: "short", day: "numeric" });
  const sameYear = new Date(moment).getFullYear() === now.getFullYear();
  const year: Intl.DateTimeFormatOptions = sameYear ? {} : { year: "numeric" };
  return formatMoment(moment, language, { day: "numeric", month: "short", ...year });
}

export type Age = "today" | "yesterday" | "this_week" | "last_week" | "older";

/** The heading a message stands under. Weeks begin on Monday. */
export function ageOf(moment: string, now: Date): Age {
  const days = daysBetween(new Date(moment), now);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  const sinceMonday = (now.getDay() + 6) % 7;
  if (days <= sinceMonday) return "this_week";
  return days <= sinceMonday + 7 ? "last_week" : "older";
}

function daysBetween(from: Date, to: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((day(to) - day(from)) / 86_400_000);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function formatBytes(bytes: number, language: Language): string {
  const steps = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const format = new Intl.NumberFormat(REGION[language], {
    style: "unit",
    unit: UNITS[steps] ?? "byte",
    unitDisplay: steps === 0 ? "long" : "short",
    maximumFractionDigits: steps < 2 ? 0 : 1,
  });
  return format.format(bytes / 1000 ** steps);
}
