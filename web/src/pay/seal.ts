// Seals a small JSON object to the processor's public key: only the processor can open it, not this server.

import { CompactEncrypt, importJWK, type JWK } from "jose";

const ALGORITHM = "RSA-OAEP-256";
const ENCRYPTION = "A256GCM";
const UNAUTHORIZED = 401;

/** The keys are only for readers who are signed in. */
export class SignedOut extends Error {}

/** What the app is told where sealing did not work. */
export function failure(id: number, error: unknown): { saldo: "failed"; id: number; signedOut: boolean } {
  return { saldo: "failed", id, signedOut: error instanceof SignedOut };
}

export async function seal(processor: string, plain: Record<string, string>): Promise<string> {
  const jwk = await processorKey(processor);
  const key = await importJWK(jwk, ALGORITHM);
  const header = { alg: ALGORITHM, enc: ENCRYPTION, ...(jwk.kid !== undefined && { kid: jwk.kid }) };
  const bytes = new TextEncoder().encode(JSON.stringify(plain));
  return new CompactEncrypt(bytes).setProtectedHeader(header).encrypt(key);
}

async function processorKey(processor: string): Promise<JWK> {
  const response = await fetch(`/v1/processors/${processor}/keys`, { headers: { accept: "application/json" } });
  if (response.status === UNAUTHORIZED) throw new SignedOut("sign in first");
  if (!response.ok) throw new Error(`keys of processor ${processor}: HTTP ${response.status}`);
  const set: unknown = await response.json();
  const key = keysOf(set).find(isSealingKey);
  if (key === undefined) throw new Error(`processor ${processor} has no key for ${ALGORITHM}`);
  return key;
}

function keysOf(set: unknown): JWK[] {
  const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : [];
  return Array.isArray(keys) ? keys : [];
}

export function isSealingKey(key: JWK): boolean {
  return key.kty === "RSA" && (key.alg ?? ALGORITHM) === ALGORITHM && (key.use ?? "enc") === "enc";
}
