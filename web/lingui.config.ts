import type { LinguiConfig } from "@lingui/conf";
import { formatter } from "@lingui/format-json";

const config: LinguiConfig = {
  sourceLocale: "en",
  locales: ["en", "pl"],
  catalogs: [{ path: "src/locales/{locale}", include: ["src"] }],
  format: formatter({ style: "minimal" }),
  compileNamespace: "es",
};

export default config;
