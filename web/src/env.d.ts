declare module "*/locales/en.mjs" {
  import type { Messages } from "@lingui/core";
  export const messages: Messages;
}
declare module "*/locales/pl.mjs" {
  import type { Messages } from "@lingui/core";
  export const messages: Messages;
}
