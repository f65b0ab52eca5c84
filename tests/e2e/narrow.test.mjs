// The whole job on a telephone's screen: one thing at a time, a way back, nothing that sticks out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { startWorld } from "./world.mjs";

const TARGET_MIN = 24;

async function fitsTheScreen(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px too wide`);
  const small = await page.evaluate(
    (min) =>
      [...document.querySelectorAll("button, a[href], [role=option]")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.height < min || box.width < min) && box.bottom > 0)
        .map(({ element, box }) => `${element.textContent || element.ariaLabel}: ${box.width}×${box.height}`),
    TARGET_MIN,
  );
  assert.deepEqual(small, [], `targets of less than ${TARGET_MIN} px on ${where}`);
}

test("an invoice is paid on a narrow screen", async (t) => {
  const world = await startWorld(t);
  const { context, watch } = await newProfile(await startBrowser(t), world, { viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const mail = new Mail(page);
  const { pane } = mail;
  await signIn(page);
  await fitsTheScreen(page, "the list");
  await page.getByRole("navigation").getByRole("link", { name: EN.toPay }).click();
  await page.getByRole("listbox", { name: EN.messages(EN.toPay) }).waitFor();
  await mail.row("AL-2026-001203").click();
  await mail.card.waitFor();
  assert.equal(await page.getByRole("listbox").isVisible(), false, "one thing at a time");
  await fitsTheScreen(page, "the message");
  await page.getByRole("button", { name: EN.back, exact: true }).click();
  await page.getByRole("listbox").waitFor();
  await mail.row("AL-2026-001203").click();
  await mail.reviewAndPay();
  assert.equal(await mail.card.isVisible(), false, "the pane is the whole screen");
  await fitsTheScreen(page, "the review");
  await pane.button(EN.continue).click();
  await pane.at(EN.details);
  await fitsTheScreen(page, "the details");
  await pane.saveFirstCard();
  await fitsTheScreen(page, "the confirmation");
  await pane.pay("EUR 2,451.40");
  await pane.paid();
  await fitsTheScreen(page, "the receipt");
  await pane.button(EN.back).click();
  await mail.card.getByText(EN.done, { exact: true }).waitFor();
  assert.equal(await world.chargesFor("AL-2026-001203"), 1);
  watch.assertQuiet();
});
