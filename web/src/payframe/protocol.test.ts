import { describe, expect, it } from "vitest";
import { comesFrom, frameAddress, readReply, readRequest } from "./protocol";

const sealed = {
  saldo: "sealed_card",
  id: 1,
  card: { jwe: "a.b.c.d.e", brand: "visa", last4: "4242", expiry: "08/28", holder: "Anna Nowak" },
};

describe("who speaks", () => {
  const frame = {};
  const origin = "https://mail.example";

  it("is believed only from the very window and the very origin", () => {
    expect(comesFrom({ source: frame, origin, data: 0 }, frame, origin)).toBe(true);
    expect(comesFrom({ source: {}, origin, data: 0 }, frame, origin)).toBe(false);
    expect(comesFrom({ source: frame, origin: "https://mail.example.evil", data: 0 }, frame, origin)).toBe(false);
    expect(comesFrom({ source: frame, origin: "null", data: 0 }, frame, origin)).toBe(false);
    expect(comesFrom({ source: null, origin, data: 0 }, null, origin)).toBe(false);
  });
});

describe("what is said to the frame", () => {
  it("is read", () => {
    expect(readRequest({ saldo: "submit", id: 7 })).toEqual({ saldo: "submit", id: 7 });
    expect(readRequest({ saldo: "focus", field: "number" })).toEqual({ saldo: "focus", field: "number" });
    expect(readRequest({ saldo: "focus", field: "elsewhere" })).toEqual({ saldo: "focus", field: null });
  });

  it.each([
    null,
    1,
    "submit",
    [],
    {},
    { saldo: "submit" },
    { saldo: "submit", id: "1" },
    { saldo: "prefill", holder: "" },
  ])("%j is ignored", (message) => expect(readRequest(message)).toBeNull());
});

describe("what the frame says", () => {
  it("is read", () => {
    expect(readReply(sealed)).toEqual(sealed);
    expect(readReply({ saldo: "sealed_code", id: 2, code: { jwe: "a.b.c.d.e" } })).not.toBeNull();
    expect(readReply({ saldo: "errors", id: 3, errors: [{ field: "number", code: "number_missing" }] })).not.toBeNull();
    expect(readReply({ saldo: "key", key: "F6", shift: true })).toEqual({ saldo: "key", key: "F6", shift: true });
  });

  it("is cut down to what the protocol knows", () => {
    const chatty = { ...sealed, card: { ...sealed.card, number: "4242424242424242" } };
    expect(JSON.stringify(readReply(chatty))).not.toContain("4242424242424242");
  });

  it.each([
    { saldo: "height", px: 1e9 },
    { saldo: "height", px: -1 },
    { saldo: "key", key: "Enter", shift: false },
    { saldo: "sealed_card", id: 1, card: { ...sealed.card, last4: "42424" } },
    { saldo: "sealed_card", id: 1, card: { ...sealed.card, brand: "unknown" } },
    { saldo: "sealed_card", id: 1, card: { ...sealed.card, expiry: "13/28" } },
    { saldo: "sealed_code", id: 1, code: { jwe: "x".repeat(9000) } },
    { saldo: "errors", id: 1, errors: [{ field: "number", code: "made_up" }] },
    { saldo: "something" },
  ])("%j is ignored", (message) => expect(readReply(message)).toBeNull());
});

describe("the frame's address", () => {
  it("tells settings, nothing personal", () => {
    expect(frameAddress("code", { language: "pl", theme: "dark", processor: "sandbox", brand: "amex" })).toBe(
      "/pay/code.html?language=pl&theme=dark&processor=sandbox&brand=amex",
    );
    expect(
      frameAddress("card", { language: "en", theme: "light", processor: "sandbox", networks: ["visa", "amex"] }),
    ).toContain("networks=visa%2Camex");
  });
});
