import { describe, expect, it } from "vitest";
import {
  ageOf,
  decimalText,
  formatBytes,
  formatClaimedMoney,
  formatDay,
  formatDecimal,
  formatListMoment,
  formatMoney,
} from "./format";

/** Intl puts no-break spaces; the eye does not care. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("money [PAY-001]", () => {
  it("cuts the decimal text from the digits", () => {
    expect(decimalText({ minor: 123450, currency: "PLN" })).toBe("1234.50");
    expect(decimalText({ minor: 5, currency: "EUR" })).toBe("0.05");
    expect(decimalText({ minor: -5, currency: "EUR" })).toBe("-0.05");
    expect(decimalText({ minor: 500, currency: "JPY" })).toBe("500");
    expect(decimalText({ minor: 1234567, currency: "KWD" })).toBe("1234.567");
  });

  it("stays exact where a float would not", () => {
    expect(decimalText({ minor: 9007199254740991, currency: "PLN" })).toBe("90071992547409.91");
    expect(plain(formatMoney({ minor: 9007199254740991, currency: "PLN" }, "en"))).toBe("PLN 90,071,992,547,409.91");
  });

  it("is written as the reader writes it", () => {
    expect(plain(formatMoney({ minor: 123450, currency: "PLN" }, "en"))).toBe("PLN 1,234.50");
    expect(plain(formatMoney({ minor: 123450, currency: "PLN" }, "pl"))).toBe("1234,50 zł");
    expect(plain(formatMoney({ minor: 500, currency: "JPY" }, "en"))).toBe("JPY 500");
  });
});

describe("decimal text", () => {
  it("is written as the reader writes it, and left alone where it is no number", () => {
    expect(plain(formatDecimal("14795.70", "pl"))).toBe("14 795,70");
    expect(formatDecimal("4795.77", "en")).toBe("4,795.77");
    expect(formatDecimal("PLN 5", "en")).toBe("PLN 5");
  });
});

describe("what a message claims", () => {
  it("is written as money where it is money, and left alone where it is not", () => {
    expect(plain(formatClaimedMoney("1234.50 PLN", "pl"))).toBe("1234,50 zł");
    expect(plain(formatClaimedMoney("375.00 GBP", "en"))).toBe("GBP 375.00");
    expect(formatClaimedMoney("5 bananas", "en")).toBe("5 bananas");
  });
});

describe("dates", () => {
  it("keeps a calendar day whatever the time zone", () => {
    expect(formatDay("2026-12-07", "en")).toBe("7 Dec 2026");
    expect(formatDay("2026-12-07T00:00:00Z", "en")).toBe("7 Dec 2026");
    expect(formatDay("2026-12-07", "pl")).toBe("7 gru 2026");
  });

  it("shows what is no date as it came", () => {
    expect(formatDay("next Monday", "en")).toBe("next Monday");
  });

  const now = new Date(2026, 10, 25, 9, 0); // a Wednesday
  const at = (day: number, hour = 12) => new Date(2026, 10, day, hour).toISOString();

  it("groups by age, weeks beginning on Monday", () => {
    expect(ageOf(at(25, 8), now)).toBe("today");
    expect(ageOf(at(24, 23), now)).toBe("yesterday");
    expect(ageOf(at(23, 0), now)).toBe("this_week");
    expect(ageOf(at(22, 23), now)).toBe("last_week");
    expect(ageOf(at(16, 0), now)).toBe("last_week");
    expect(ageOf(at(15, 23), now)).toBe("older");
  });

  it("writes a list's moment short", () => {
    expect(formatListMoment(at(25, 8), "en", now)).toBe("08:00");
    expect(formatListMoment(at(2), "en", now)).toBe("2 Nov");
    expect(formatListMoment(new Date(2025, 0, 2).toISOString(), "en", now)).toBe("2 Jan 2025");
  });
});

describe("sizes", () => {
  it("uses the unit that fits", () => {
    expect(formatBytes(1, "en")).toBe("1 byte");
    expect(plain(formatBytes(48_213, "en"))).toBe("48 kB");
    expect(plain(formatBytes(2_400_000, "pl"))).toBe("2,4 MB");
  });
});
