// The frame in which the security code is typed. It leaves only as a JWE, bound to a nonce, and the field is
// emptied the moment it is sealed [PAY-011].

import { digitsOf } from "./digits";
import { openField, showProblems } from "./field";
import { answerParent, dirtyWhenTyped, frameSettings, tellParent } from "./parent";
import { failure, seal } from "./seal";
import { codeHint, codeProblemWords } from "./words";
import "./pay.css";

const NONCE_BYTES = 16;

const settings = frameSettings();
const form = document.querySelector("form") as HTMLFormElement;
const codeLength = settings.brand === "amex" ? 4 : 3;

const code = openField("code", settings.language, (typed) => digitsOf(typed).slice(0, codeLength));
code.say(codeProblemWords(codeLength));
const hint = document.getElementById("code-hint") as HTMLElement;
hint.textContent = codeHint(settings.language, settings.brand);

function nonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function submit(id: number): Promise<void> {
  const typed = digitsOf(code.input.value);
  const problems = typed.length === codeLength ? [] : [{ field: "code", code: "code_wrong" } as const];
  showProblems([code], problems);
  if (problems.length > 0) return tellParent({ saldo: "errors", id, errors: problems });
  try {
    const jwe = await seal(settings.processor, { code: typed, nonce: nonce() });
    code.empty();
    tellParent({ saldo: "sealed_code", id, code: { jwe } });
  } catch (error) {
    tellParent(failure(id, error));
  }
}

dirtyWhenTyped([code]);
answerParent(form, [code], submit);
