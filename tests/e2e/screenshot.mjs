// Takes docs/screenshot.png: the inbox with an open payment pane. `node tests/e2e/screenshot.mjs [file]`

import { join } from "node:path";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn } from "./screens.mjs";
import { SOURCE, startWorld } from "./world.mjs";

const ends = [];
const closing = { after: (end) => ends.unshift(end) };
try {
  const world = await startWorld(closing);
  const { context } = await newProfile(await startBrowser(closing), world);
  const mail = new Mail(await context.newPage());
  await signIn(mail.page);
  await mail.openFolder(mail.words.toPay);
  await mail.row("HC-2026-001202").first().click();
  await mail.reviewAndPay();
  await mail.pane.continue(mail.words.details);
  await mail.pane.saveFirstCard();
  await mail.pane.typeCode("123");
  await mail.page.screenshot({ path: process.argv[2] ?? join(SOURCE, "docs", "screenshot.png") });
} finally {
  for (const end of ends) await end();
}
