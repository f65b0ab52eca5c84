// The message catalogue: loads a language's compiled messages and puts texts in place of their ids.
// The ids are typed by the English catalogue, so a text that does not exist does not compile.

import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import type english from "../locales/en.json";
import { isLanguage, type Language, rememberLanguage } from "./language";

export type TextId = keyof typeof english;
export type TextValues = Record<string, string | number>;
export type Translate = (id: TextId, values?: TextValues) => string;

const loaders: Record<Language, () => Promise<{ messages: typeof i18n.messages }>> = {
  en: () => import("../locales/en.mjs"),
  pl: () => import("../locales/pl.mjs"),
};

export async function speak(language: Language): Promise<void> {
  const { messages } = await loaders[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  rememberLanguage(language);
}

export const translate: Translate = (id, values) => i18n._(id, values);

/** `t` for texts; a component that uses it is drawn again when the language changes. */
export function useText(): { t: Translate; language: Language } {
  const { i18n: active } = useLingui();
  return { t: translate, language: isLanguage(active.locale) ? active.locale : "en" };
}
