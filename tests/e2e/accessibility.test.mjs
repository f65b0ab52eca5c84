// axe on every screen, in both themes: no finding.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { axeFindings, newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, startWorld } from "./world.mjs";

const INVOICE = { light: "NE-2026-001104", dark: "HC-2026-001202" };

describe("axe has nothing to say", () => {
  const suite = endsWithSuite();
  let world;
  let browser;
  before(async () => {
    world = await startWorld(suite);
    browser = await startBrowser(suite);
  });

  for (const theme of ["light", "dark"])
    test(`about any screen in the ${theme} theme`, async (t) => {
      const { context, watch } = await newProfile(browser, world, { dark: theme === "dark" });
      const page = await context.newPage();
      const mail = new Mail(page);
      const { pane } = mail;
      const check = (screen) => t.test(screen, async () => assert.deepEqual(await axeFindings(page), []));

      await page.goto("/");
      await page.getByLabel(EN.login).waitFor();
      await check("sign-in");
      await signIn(page);
      await check("inbox");
      await mail.open("NE-2026-001301");
      await mail.bar.getByRole("button", { name: EN.why, exact: true }).click();
      await check("a message that is held, with its reasons");
      await mail.openInvoice(INVOICE[theme]);
      await check("reading");
      await mail.reviewAndPay();
      await check("review");
      await pane.button(EN.viewFull).click();
      await page.getByRole("dialog").locator("canvas").first().waitFor();
      await check("document");
      await page.getByRole("dialog").getByRole("button", { name: EN.close, exact: true }).click();
      await pane.button(EN.continue).click();
      // The second theme finds the card of the first.
      if (theme === "light") {
        await pane.at(EN.details);
        await pane.cardFrame.getByLabel(EN.number).waitFor();
        await check("details");
        await pane.button(EN.save).click();
        await pane.cardFrame.getByText("Enter the card number.").waitFor();
        await check("details with errors");
        await pane.saveFirstCard();
      } else {
        await pane.at(EN.confirm);
        await pane.button(EN.addCard).click();
        await pane.at(EN.addCard);
        await pane.button(EN.save).click();
        await pane.cardFrame.getByText("Enter the card number.").waitFor();
        await check("details with errors");
        await pane.button(EN.back).click();
      }
      await pane.at(EN.confirm);
      await pane.codeFrame.getByLabel(EN.code).waitFor();
      await check("confirm");
      await pane.pay();
      await pane.paid();
      await pane.button(EN.next).waitFor();
      await check("done");
      for (const name of [EN.wallet, EN.settings]) {
        await page.getByRole("navigation").getByRole("link", { name }).click();
        await page.getByRole("heading", { level: 2, name }).waitFor();
        await check(name);
      }
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await check("help");
      watch.assertQuiet();
    });
});
