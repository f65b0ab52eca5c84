import { describe, expect, it } from "vitest";
import { cardBrand, expiryProblem, formatExpiry, formatNumber, normalExpiry, numberProblem } from "./cardFields";

describe("card number", () => {
  it("is grouped 4-4-4-4, American Express 4-6-5", () => {
    expect(formatNumber("4242424242424242")).toBe("4242 4242 4242 4242");
    expect(formatNumber("42424")).toBe("4242 4");
    expect(formatNumber("378282246310005")).toBe("3782 822463 10005");
    expect(formatNumber(" 4242-4242 4242\u00a04242 ")).toBe("4242 4242 4242 4242");
  });

  it("names the brand", () => {
    expect(cardBrand("4242 4242")).toBe("visa");
    expect(cardBrand("5555 5555 5555 4444")).toBe("mastercard");
    expect(cardBrand("3782")).toBe("amex");
    expect(cardBrand("")).toBeNull();
    expect(cardBrand("9")).toBeNull();
  });

  it("is checked: missing, one digit wrong, a network that is not taken", () => {
    expect(numberProblem("", [])).toBe("number_missing");
    expect(numberProblem("4242 4242 4242 4243", [])).toBe("number_wrong");
    expect(numberProblem("4242 4242", [])).toBe("number_wrong");
    expect(numberProblem("3782 822463 10005", ["visa"])).toBe("card_type_refused");
    expect(numberProblem("4242 4242 4242 4242", ["visa"])).toBeNull();
    expect(numberProblem("4242 4242 4242 4242", [])).toBeNull();
  });
});

describe("expiry", () => {
  const now = new Date(2026, 10, 23);

  it("is formatted while typed, and taken however it is pasted", () => {
    expect(formatExpiry("0828")).toBe("08/28");
    expect(formatExpiry("8")).toBe("08");
    expect(formatExpiry("1")).toBe("1");
    expect(formatExpiry("8/28")).toBe("08/28");
    expect(normalExpiry("08/2028")).toBe("08/28");
    expect(normalExpiry("8 / 28")).toBe("08/28");
  });

  it("is checked: shape, month, past", () => {
    expect(expiryProblem("", now)).toBe("expiry_wrong");
    expect(expiryProblem("13/28", now)).toBe("expiry_wrong");
    expect(expiryProblem("10/26", now)).toBe("expiry_past");
    expect(expiryProblem("11/26", now)).toBeNull();
    expect(expiryProblem("08/2028", now)).toBeNull();
  });
});
