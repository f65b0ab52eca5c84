// The frame in which a card is typed: name, number, expiry. What leaves it is sealed to the processor's key.

import type { FieldProblem } from "../payframe/protocol";
import { cardBrand, expiryProblem, formatExpiry, formatNumber, normalExpiry, numberProblem } from "./cardFields";
import { digitsOf } from "./digits";
import { type Field, openField, showProblems } from "./field";
import { answerParent, dirtyWhenTyped, frameSettings, tellParent } from "./parent";
import { failure, seal } from "./seal";
import "./pay.css";

const settings = frameSettings();
const form = document.querySelector("form") as HTMLFormElement;

const holder = openField("holder", settings.language);
const number = openField("number", settings.language, formatNumber);
const expiry = openField("expiry", settings.language, formatExpiry);
const fields: Field[] = [holder, number, expiry];

const brandMark = document.getElementById("brand") as HTMLElement;
number.input.addEventListener("input", () => {
  brandMark.dataset.brand = cardBrand(number.input.value) ?? "";
});

function findProblems(): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (holder.input.value.trim() === "") problems.push({ field: "holder", code: "holder_missing" });
  const wrongNumber = numberProblem(number.input.value, settings.networks);
  if (wrongNumber !== null) problems.push({ field: "number", code: wrongNumber });
  const wrongExpiry = expiryProblem(expiry.input.value, new Date());
  if (wrongExpiry !== null) problems.push({ field: "expiry", code: wrongExpiry });
  return problems;
}

async function submit(id: number): Promise<void> {
  const problems = findProblems();
  showProblems(fields, problems);
  if (problems.length > 0) return tellParent({ saldo: "errors", id, errors: problems });
  const digits = digitsOf(number.input.value);
  const facts = { expiry: normalExpiry(expiry.input.value), holder: holder.input.value.trim() };
  try {
    const brand = cardBrand(digits);
    if (brand === null) throw new Error("a number that passed its check has no brand");
    const jwe = await seal(settings.processor, { number: digits, ...facts });
    tellParent({ saldo: "sealed_card", id, card: { jwe, brand, last4: digits.slice(-4), ...facts } });
  } catch (error) {
    tellParent(failure(id, error));
  }
}

dirtyWhenTyped([number, expiry]);
answerParent(form, fields, submit, (name) => {
  if (holder.input.value === "") holder.input.value = name;
});
