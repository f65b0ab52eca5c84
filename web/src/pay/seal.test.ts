import { compactDecrypt, exportJWK, generateKeyPair, type JWK } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { failure, isSealingKey, seal } from "./seal";

let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let published: JWK;

beforeAll(async () => {
  keys = await generateKeyPair("RSA-OAEP-256", { extractable: true });
  published = { ...(await exportJWK(keys.publicKey)), kid: "k-1", use: "enc", alg: "RSA-OAEP-256" };
});

afterEach(() => vi.unstubAllGlobals());

const answerWith = (body: unknown, status = 200) => vi.stubGlobal("fetch", async () => Response.json(body, { status }));

describe("sealing", () => {
  it("can be opened by the processor alone, and says with which key", async () => {
    answerWith({ keys: [{ kty: "RSA", use: "sig", n: "x", e: "AQAB" }, published] });
    const jwe = await seal("sandbox", { code: "123", nonce: "n" });
    expect(jwe.split(".")).toHaveLength(5);
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, keys.privateKey);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual({ code: "123", nonce: "n" });
    expect(protectedHeader).toEqual({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: "k-1" });
  });

  it("fails where there is no key to seal to", async () => {
    answerWith({ keys: [] });
    await expect(seal("sandbox", { code: "123" })).rejects.toThrow("no key");
    answerWith({}, 503);
    await expect(seal("sandbox", { code: "123" })).rejects.toThrow("503");
  });

  it("tells when the reader is no longer signed in", async () => {
    answerWith({}, 401);
    const error = await seal("sandbox", { code: "123" }).catch((reason: unknown) => reason);
    expect(failure(4, error)).toEqual({ saldo: "failed", id: 4, signedOut: true });
    expect(failure(4, new Error("other")).signedOut).toBe(false);
  });

  it("takes no signing key", () => {
    expect(isSealingKey({ kty: "RSA", use: "sig" })).toBe(false);
    expect(isSealingKey({ kty: "RSA", alg: "RS256" })).toBe(false);
    expect(isSealingKey({ kty: "EC" })).toBe(false);
    expect(isSealingKey({ kty: "RSA" })).toBe(true);
  });
});
