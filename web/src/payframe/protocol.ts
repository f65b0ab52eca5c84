// What the app and a frame under /pay/ say to each other, and nothing else. Both sides accept a message only from
// the expected window and from exactly their own origin, and only in one of these shapes.

import type { CardBrand } from "../api/types";

export const FIELD_NAMES = ["holder", "number", "expiry", "code"] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

export const FIELD_ERRORS = [
  "holder_missing",
  "number_missing",
  "number_wrong",
  "card_type_refused",
  "expiry_wrong",
  "expiry_past",
  "code_wrong",
] as const;
export type FieldErrorCode = (typeof FIELD_ERRORS)[number];

export interface FieldProblem {
  field: FieldName;
  code: FieldErrorCode;
}

export interface SealedCard {
  jwe: string;
  brand: CardBrand;
  last4: string;
  expiry: string;
  holder: string;
}

export interface SealedCode {
  jwe: string;
}

/** App → frame. */
export type Request =
  | { saldo: "submit"; id: number }
  | { saldo: "prefill"; holder: string }
  | { saldo: "clear" }
  | { saldo: "focus"; field: FieldName | null };

/** Frame → app. */
export type Reply =
  | { saldo: "ready" }
  | { saldo: "height"; px: number }
  | { saldo: "dirty"; dirty: boolean }
  | { saldo: "enter" }
  | { saldo: "key"; key: "F6" | "Escape"; shift: boolean }
  | { saldo: "sealed_card"; id: number; card: SealedCard }
  | { saldo: "sealed_code"; id: number; code: SealedCode }
  | { saldo: "errors"; id: number; errors: FieldProblem[] }
  | { saldo: "failed"; id: number; signedOut: boolean };

const HEIGHT_MAX_PX = 2000;
const JWE_LENGTH_MAX = 8192;
const HOLDER_LENGTH_MAX = 100;
const BRANDS: readonly string[] = ["visa", "mastercard", "amex", "discover", "diners", "jcb"];

type Fields = Record<string, unknown>;

const isText = (value: unknown, max: number): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= max;
const isId = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);
const isOneOf = (value: unknown, names: readonly string[]) => typeof value === "string" && names.includes(value);

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The message as a Request, or null where it is not one. */
export function readRequest(value: unknown): Request | null {
  const message = fieldsOf(value);
  switch (message?.saldo) {
    case "submit":
      return isId(message.id) ? { saldo: "submit", id: message.id } : null;
    case "prefill":
      return isText(message.holder, HOLDER_LENGTH_MAX) ? { saldo: "prefill", holder: message.holder } : null;
    case "clear":
      return { saldo: "clear" };
    case "focus": {
      const field = FIELD_NAMES.find((name) => name === message.field) ?? null;
      return { saldo: "focus", field };
    }
    default:
      return null;
  }
}

/** The message as a Reply, or null where it is not one. */
export function readReply(value: unknown): Reply | null {
  const message = fieldsOf(value);
  switch (message?.saldo) {
    case "ready":
    case "enter":
      return { saldo: message.saldo };
    case "height":
      return isId(message.px) && message.px >= 0 && message.px <= HEIGHT_MAX_PX
        ? { saldo: "height", px: message.px }
        : null;
    case "dirty":
      return typeof message.dirty === "boolean" ? { saldo: "dirty", dirty: message.dirty } : null;
    case "key":
      return readKey(message);
    case "sealed_card":
      return readSealedCard(message);
    case "sealed_code":
      return readSealedCode(message);
    case "errors":
      return readErrors(message);
    case "failed":
      return isId(message.id) ? { saldo: "failed", id: message.id, signedOut: message.signedOut === true } : null;
    default:
      return null;
  }
}

function readKey({ key, shift }: Fields): Reply | null {
  if ((key !== "F6" && key !== "Escape") || typeof shift !== "boolean") return null;
  return { saldo: "key", key, shift };
}

function readSealedCard({ id, card }: Fields): Reply | null {
  const fields = fieldsOf(card);
  if (!isId(id) || fields === null) return null;
  const { jwe, brand, last4, expiry, holder } = fields;
  if (!isText(jwe, JWE_LENGTH_MAX) || !isOneOf(brand, BRANDS) || !isText(holder, HOLDER_LENGTH_MAX)) return null;
  if (typeof last4 !== "string" || !/^\d{4}$/.test(last4)) return null;
  if (typeof expiry !== "string" || !/^(0[1-9]|1[0-2])\/\d{2}$/.test(expiry)) return null;
  return { saldo: "sealed_card", id, card: { jwe, brand: brand as CardBrand, last4, expiry, holder } };
}

function readSealedCode({ id, code }: Fields): Reply | null {
  const jwe = fieldsOf(code)?.jwe;
  return isId(id) && isText(jwe, JWE_LENGTH_MAX) ? { saldo: "sealed_code", id, code: { jwe } } : null;
}

function readErrors({ id, errors }: Fields): Reply | null {
  if (!isId(id) || !Array.isArray(errors) || errors.length > FIELD_NAMES.length) return null;
  const known = errors.flatMap((error): FieldProblem[] => {
    const fields = fieldsOf(error);
    const field = FIELD_NAMES.find((name) => name === fields?.field);
    const code = FIELD_ERRORS.find((name) => name === fields?.code);
    return field !== undefined && code !== undefined ? [{ field, code }] : [];
  });
  return known.length === errors.length ? { saldo: "errors", id, errors: known } : null;
}

interface Arrived {
  origin: string;
  source: unknown;
  data: unknown;
}

/** True only for a message from exactly this window and this origin. */
export function comesFrom(message: Arrived, window: unknown, origin: string): boolean {
  return window !== null && message.source === window && message.origin === origin;
}

/** What a frame is told by its address. None of it is personal. */
export interface FrameSettings {
  language: string;
  theme: string;
  processor: string;
  brand?: CardBrand | undefined;
  networks?: readonly string[] | undefined;
}

export function frameAddress(page: "card" | "code", settings: FrameSettings): string {
  const query = new URLSearchParams({
    language: settings.language,
    theme: settings.theme,
    processor: settings.processor,
  });
  if (settings.brand !== undefined) query.set("brand", settings.brand);
  if (settings.networks !== undefined && settings.networks.length > 0)
    query.set("networks", settings.networks.join(","));
  return `/pay/${page}.html?${query}`;
}
