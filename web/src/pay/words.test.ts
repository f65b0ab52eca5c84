import { expect, it } from "vitest";
import { LANGUAGES } from "../text/language";
import { codeHint, codeProblemWords, FIELD_LABELS, PROBLEM_WORDS, problemText } from "./words";

it("has every word in every language", () => {
  for (const words of [...Object.values(FIELD_LABELS), ...Object.values(PROBLEM_WORDS)]) {
    for (const language of LANGUAGES) expect(words[language].trim()).not.toBe("");
  }
});

it("asks for as many digits as the card has", () => {
  expect(problemText("en", "code_wrong", codeProblemWords(3))).toBe("Enter the 3-digit code.");
  expect(problemText("pl", "code_wrong", codeProblemWords(4))).toBe("Wpisz czterocyfrowy kod.");
  expect(codeHint("en", "amex")).toContain("4 digits");
  expect(codeHint("pl", null)).toContain("American Express");
});
