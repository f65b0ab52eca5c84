// Holds the first load to its limit: the scripts that a page pulls in before anything lazy, gzipped.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = "dist";
const LIMITS_KB = { "index.html": 200, "pay/card.html": 40, "pay/code.html": 40 };

/** The files that `path` imports statically, itself among them. */
function staticImports(path, seen = new Set()) {
  const waiting = [path];
  while (waiting.length > 0) {
    const file = waiting.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    const imports = text.matchAll(
      /(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w${},*\s]*?from\s*)?["'](\.[^"']+\.js)["']/g,
    );
    for (const [, name] of imports) waiting.push(join(dirname(file), name));
  }
  return seen;
}

let failed = false;
for (const [page, limit] of Object.entries(LIMITS_KB)) {
  const html = readFileSync(join(DIST, page), "utf8");
  const scripts = new Set();
  for (const [, name] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) staticImports(join(DIST, name), scripts);
  const bytes = [...scripts].reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);
  const size = (bytes / 1000).toFixed(1);
  console.log(`${page}: ${size} kB of script in ${scripts.size} files, at most ${limit} kB`);
  if (bytes > limit * 1000) failed = true;
}
if (failed) {
  console.error("The first load is too large: load what is not needed at once with import(), or do without it.");
  process.exit(1);
}
