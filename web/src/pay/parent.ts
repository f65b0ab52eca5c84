// The frame's side of the conversation with the app, and what its address told it.

import type { CardBrand } from "../api/types";
import { comesFrom, type FieldName, type Reply, readRequest } from "../payframe/protocol";
import { isLanguage, type Language } from "../text/language";
import type { Field } from "./field";

export interface Settings {
  language: Language;
  processor: string;
  brand: CardBrand | null;
  networks: string[];
}

const BRANDS: readonly CardBrand[] = ["visa", "mastercard", "amex", "discover", "diners", "jcb"];

/** Reads the address, and dresses the document for its language and theme. */
export function frameSettings(): Settings {
  const query = new URLSearchParams(location.search);
  const wanted = query.get("language");
  const language = isLanguage(wanted) ? wanted : "en";
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = query.get("theme") === "dark" ? "dark" : "light";
  return {
    language,
    processor: (query.get("processor") ?? "").replace(/[^a-z0-9_-]/g, ""),
    brand: BRANDS.find((brand) => brand === query.get("brand")) ?? null,
    networks: (query.get("networks") ?? "").split(",").filter((name) => name !== ""),
  };
}

export function tellParent(reply: Reply): void {
  if (parent !== window) parent.postMessage(reply, location.origin);
}

/** The app asks before it throws away what was typed, so it has to know whether something was. */
export function dirtyWhenTyped(fields: readonly Field[]): void {
  const tell = () => tellParent({ saldo: "dirty", dirty: fields.some((field) => field.input.value !== "") });
  for (const field of fields) field.input.addEventListener("input", tell);
}

export function answerParent(
  form: HTMLFormElement,
  fields: readonly Field[],
  submit: (id: number) => Promise<void>,
  prefill: (holder: string) => void = () => {},
): void {
  addEventListener("message", (event) => {
    if (!comesFrom(event, parent, location.origin)) return;
    const request = readRequest(event.data);
    switch (request?.saldo) {
      case "submit":
        return void submit(request.id);
      case "prefill":
        return prefill(request.holder);
      case "clear":
        return empty(fields);
      case "focus":
        return focusField(fields, request.field);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tellParent({ saldo: "enter" });
  });
  addEventListener("keydown", passOnKeys);
  new ResizeObserver(() => {
    tellParent({ saldo: "height", px: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  }).observe(document.documentElement);
  tellParent({ saldo: "ready" });
}

function empty(fields: readonly Field[]): void {
  for (const field of fields) field.empty();
  tellParent({ saldo: "dirty", dirty: false });
}

function focusField(fields: readonly Field[], name: FieldName | null): void {
  (fields.find((field) => field.name === name) ?? fields[0])?.input.focus();
}

/** F6 and Esc belong to the whole window; typed in here they would get lost. */
function passOnKeys(event: KeyboardEvent): void {
  if (event.key !== "F6" && event.key !== "Escape") return;
  event.preventDefault();
  tellParent({ saldo: "key", key: event.key, shift: event.shiftKey });
}
