// One labelled field of a frame: its words, its formatting while typing, its error.

import type { FieldName, FieldProblem } from "../payframe/protocol";
import type { Language } from "../text/language";
import { fieldLabel, type ProblemWords, problemText } from "./words";

export interface Field {
  readonly name: FieldName;
  readonly input: HTMLInputElement;
  show(problem: FieldProblem | null): void;
  say(words: ProblemWords): void;
  empty(): void;
}

export function openField(name: FieldName, language: Language, format?: (typed: string) => string): Field {
  const input = document.getElementById(name) as HTMLInputElement;
  const message = document.getElementById(`${name}-error`) as HTMLElement;
  const label = document.querySelector(`label[for="${name}"]`) as HTMLLabelElement;
  const hintId = input.getAttribute("aria-describedby");
  let words: ProblemWords = {};
  label.textContent = fieldLabel(language, name);
  if (format !== undefined) keepFormatted(input, format);

  const show = (problem: FieldProblem | null) => {
    message.textContent = problem === null ? "" : problemText(language, problem.code, words);
    input.setAttribute("aria-invalid", String(problem !== null));
    const describedBy = [hintId, problem === null ? null : message.id].filter((id) => id !== null).join(" ");
    if (describedBy === "") input.removeAttribute("aria-describedby");
    else input.setAttribute("aria-describedby", describedBy);
  };
  input.addEventListener("input", () => {
    if (input.getAttribute("aria-invalid") === "true") show(null);
  });
  return {
    name,
    input,
    show,
    say: (own) => {
      words = own;
    },
    empty: () => {
      input.value = "";
      show(null);
    },
  };
}

/** Formats without moving the caret away from the digit behind which it stood. */
function keepFormatted(input: HTMLInputElement, format: (typed: string) => string): void {
  input.addEventListener("input", (event) => {
    const erasing = event instanceof InputEvent && event.inputType.startsWith("delete");
    const caret = input.selectionStart ?? input.value.length;
    const atEnd = caret === input.value.length;
    if (erasing && atEnd) return;
    const digitsBefore = input.value.slice(0, caret).replace(/\D/g, "").length;
    input.value = format(input.value);
    const position = atEnd ? input.value.length : afterDigits(input.value, digitsBefore);
    input.setSelectionRange(position, position);
  });
}

function afterDigits(text: string, digits: number): number {
  let seen = 0;
  for (let index = 0; index < text.length; index++) {
    if (seen === digits) return index;
    if (/\d/.test(text.charAt(index))) seen++;
  }
  return text.length;
}

export function showProblems(fields: readonly Field[], problems: readonly FieldProblem[]): void {
  for (const field of fields) field.show(problems.find((problem) => problem.field === field.name) ?? null);
}
