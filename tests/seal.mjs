// Seals JSON to a processor's key as the web app's /pay/ frame does: {"keys":JWK set,"plain":…} on standard input, one
// compact JWE on standard output.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const fromWeb = createRequire(new URL("../web/package.json", import.meta.url));
const { CompactEncrypt, importJWK } = await import(fromWeb.resolve("jose"));

const { keys, plain } = JSON.parse(await text(process.stdin));
const jwk = keys.keys[0];
const key = await importJWK(jwk, "RSA-OAEP-256");
const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(plain)))
  .setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: jwk.kid })
  .encrypt(key);
process.stdout.write(sealed);
