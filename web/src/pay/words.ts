// The words of the frames, in both languages. The frames carry no framework, so no catalogue either.

import type { CardBrand } from "../api/types";
import type { FieldErrorCode, FieldName } from "../payframe/protocol";
import type { Language } from "../text/language";

type InBoth = Record<Language, string>;
export type ProblemWords = Partial<Record<FieldErrorCode, InBoth>>;

export const FIELD_LABELS: Record<FieldName, InBoth> = {
  holder: { en: "Name on card", pl: "Imię i nazwisko na karcie" },
  number: { en: "Card number", pl: "Numer karty" },
  expiry: { en: "Expiry date (MM/YY)", pl: "Data ważności (MM/RR)" },
  code: { en: "Security code (CVV)", pl: "Kod zabezpieczający (CVV)" },
};

export const PROBLEM_WORDS: Record<FieldErrorCode, InBoth> = {
  holder_missing: { en: "Enter the name on the card.", pl: "Wpisz imię i nazwisko z karty." },
  number_missing: { en: "Enter the card number.", pl: "Wpisz numer karty." },
  number_wrong: {
    en: "Check the card number: a digit looks wrong.",
    pl: "Sprawdź numer karty – jedna z cyfr wygląda na błędną.",
  },
  card_type_refused: { en: "This card type isn't accepted.", pl: "Ten rodzaj karty nie jest obsługiwany." },
  expiry_wrong: { en: "Enter the date as MM/YY.", pl: "Wpisz datę w formacie MM/RR." },
  expiry_past: { en: "This card has expired. Choose another.", pl: "Ta karta straciła ważność. Wybierz inną." },
  code_wrong: { en: "Enter the 3-digit code.", pl: "Wpisz trzycyfrowy kod." },
};

const FOUR_DIGITS: InBoth = { en: "Enter the 4-digit code.", pl: "Wpisz czterocyfrowy kod." };

const CODE_HINTS: Record<"amex" | "other" | "any", InBoth> = {
  amex: { en: "4 digits on the front", pl: "4 cyfry z przodu" },
  other: { en: "3 digits on the back", pl: "3 cyfry na odwrocie karty" },
  any: {
    en: "3 digits on the back; American Express: 4 on the front",
    pl: "3 cyfry na odwrocie karty; American Express: 4 cyfry z przodu",
  },
};

export function fieldLabel(language: Language, name: FieldName): string {
  return FIELD_LABELS[name][language];
}

export function problemText(language: Language, code: FieldErrorCode, own: ProblemWords): string {
  return (own[code] ?? PROBLEM_WORDS[code])[language];
}

export function codeProblemWords(digits: number): ProblemWords {
  return digits === 4 ? { code_wrong: FOUR_DIGITS } : {};
}

export function codeHint(language: Language, brand: CardBrand | null): string {
  if (brand === null) return CODE_HINTS.any[language];
  return CODE_HINTS[brand === "amex" ? "amex" : "other"][language];
}
