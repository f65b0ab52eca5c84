// axe on every screen, in both themes: no finding.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { axeFindings, newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, PASSWORD, PAYER, startWorld } from "./world.mjs";

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
        const company = pane.region.getByRole("checkbox", { name: EN.sameAsCompany });
        await company.uncheck();
        await pane.button(EN.save).click();
        await pane.cardFrame.getByText("Enter the card number.").waitFor();
        await check("details with errors");
        await company.check();
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

test("who wants less motion gets none; who does not, sees the waiting move", async (t) => {
  const world = await startWorld(t);
  const browser = await startBrowser(t);
  for (const calm of [true, false]) {
    const { context, watch } = await newProfile(browser, world, { calm });
    const page = await context.newPage();
    // The list of messages keeps us waiting until the motion was looked at.
    let answer;
    const looked = new Promise((done) => {
      answer = done;
    });
    await page.route("**/v1/messages?*", async (route) => {
      await looked;
      await route.continue();
    });
    await page.goto("/");
    await page.getByLabel(EN.login).fill(PAYER);
    await page.getByLabel(EN.password, { exact: true }).fill(PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: "Loading" }).first().waitFor();
    const moving = await page.evaluate(
      () => document.getAnimations().filter((one) => one.effect.getComputedTiming().activeDuration > 100).length,
    );
    assert.equal(moving === 0, calm, `${moving} things move`);
    answer();
    await page.getByRole("listbox").waitFor();
    watch.assertQuiet();
  }
});
