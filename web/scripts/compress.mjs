// Writes a .gz beside every file of the build that compresses. index.html stays alone: the server writes a fresh
// nonce into it for each response.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";

const DIST = "dist";
const COMPRESSIBLE = new Set([".js", ".css", ".html", ".svg", ".json"]);
const WORTH_IT = 0.95;

rmSync(join(DIST, ".vite"), { recursive: true, force: true });
const files = readdirSync(DIST, { recursive: true }).filter(
  (name) => COMPRESSIBLE.has(extname(name)) && name !== "index.html",
);
for (const name of files) {
  const path = join(DIST, name);
  const bytes = readFileSync(path);
  const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length < bytes.length * WORTH_IT) writeFileSync(`${path}.gz`, packed);
}
console.log(`compressed ${files.length} files`);
