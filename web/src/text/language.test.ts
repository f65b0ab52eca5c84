import { expect, it } from "vitest";
import { chooseLanguage } from "./language";

it("takes what was chosen before, then the first wanted language that we speak", () => {
  expect(chooseLanguage("pl", ["en-GB"])).toBe("pl");
  expect(chooseLanguage(null, ["de-DE", "pl-PL", "en"])).toBe("pl");
  expect(chooseLanguage("de", ["fr"])).toBe("en");
});
