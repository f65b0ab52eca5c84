// Without a mouse: from sign-in to paid, round the regions, and out of the pane again.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { CODE, Mail } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, PASSWORD, PAYER, startWorld } from "./world.mjs";

const TABS_MAX = 60;

describe("the keyboard alone", () => {
  const suite = endsWithSuite();
  let world;
  let page;
  let mail;
  let watch;
  before(async () => {
    world = await startWorld(suite);
    const profile = await newProfile(await startBrowser(suite), world);
    watch = profile.watch;
    page = await profile.context.newPage();
    mail = new Mail(page);
  });

  const press = (key) => page.keyboard.press(key);
  const isFocused = (locator) =>
    locator
      .first()
      .evaluate((element) => element === element.ownerDocument.activeElement)
      .catch(() => false);

  /** Tab until the focus is there; a trap or an unreachable control fails. */
  const tabTo = async (locator) => {
    await locator.first().waitFor();
    for (let tabs = 0; tabs < TABS_MAX; tabs++) {
      if (await isFocused(locator)) return;
      await press("Tab");
    }
    assert.fail(`not reached by Tab: ${locator}`);
  };
  const focusIsOn = (locator) =>
    locator
      .first()
      .waitFor()
      .then(() => assertFocus(locator));
  const assertFocus = async (locator) => {
    const element = await locator.first().elementHandle();
    await page.waitForFunction((wanted) => wanted === document.activeElement, element);
  };

  test("from sign-in to paid", async () => {
    await page.goto("/");
    await tabTo(page.getByLabel(EN.login));
    await page.keyboard.type(PAYER);
    await tabTo(page.getByLabel(EN.password, { exact: true }));
    await page.keyboard.type(PASSWORD);
    await press("Enter");
    await tabTo(page.getByRole("navigation").getByRole("link", { name: EN.toPay }));
    await press("Enter");
    await page.getByRole("listbox", { name: EN.messages(EN.toPay) }).waitFor();
    await tabTo(page.getByRole("option"));
    await press("ArrowDown");
    await focusIsOn(page.getByRole("option").nth(1));
    await press("ArrowUp");
    await focusIsOn(page.getByRole("option").nth(0));
    await press("Enter");
    await mail.card.waitFor();
    await focusIsOn(page.locator("#message-heading"));
    await tabTo(mail.payButton);
    const number = await mail.fact(EN.invoiceNumber);
    await press("Enter");
    await mail.pane.atReview();
    await tabTo(mail.pane.button(EN.continue));
    await press("Enter");
    await mail.pane.at(EN.details);
    await tabTo(mail.pane.cardFrame.getByLabel(EN.number));
    await page.keyboard.type("4242424242424242");
    await tabTo(mail.pane.cardFrame.getByLabel(EN.expiry));
    await page.keyboard.type("1230");
    await tabTo(mail.pane.button(EN.save));
    await press("Enter");
    await mail.pane.at(EN.confirm);
    await tabTo(mail.pane.codeFrame.getByLabel(EN.code));
    await page.keyboard.type(CODE);
    await tabTo(mail.pane.payButton());
    await press("Enter");
    await mail.pane.paid();
    assert.equal(await world.chargesFor(number), 1);
    watch.assertQuiet();
  });

  test("Esc closes the pane, and the focus is back on the card's button", async () => {
    await mail.openInvoice("NE-2026-001104");
    await mail.payButton.focus();
    await press("Enter");
    await mail.pane.atReview();
    await press("Escape");
    await mail.pane.region.waitFor({ state: "detached" });
    await focusIsOn(mail.payButton);
    watch.assertQuiet();
  });

  test("Esc in the document closes the document alone, and the focus is back on its button", async () => {
    await press("Enter");
    await mail.pane.atReview();
    await mail.pane.button(EN.viewFull).focus();
    await press("Enter");
    await page.getByRole("dialog").locator("canvas").first().waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await mail.pane.region.getByRole("heading", { name: EN.review }).waitFor();
    await focusIsOn(mail.pane.button(EN.viewFull));
    watch.assertQuiet();
  });

  test("Esc with something typed asks first", async () => {
    await mail.pane.button(EN.continue).click();
    await mail.pane.at(EN.confirm);
    await mail.pane.typeCode("1");
    await press("Escape");
    const question = page.getByRole("dialog", { name: "Discard your entries?" });
    await question.getByRole("button", { name: "Keep editing" }).click();
    await mail.pane.region.waitFor();
    await press("Escape");
    await question.getByRole("button", { name: "Discard" }).click();
    await mail.pane.region.waitFor({ state: "detached" });
    await focusIsOn(mail.payButton);
    watch.assertQuiet();
  });

  test("F6 goes round all regions, also out of the code's frame", async () => {
    await mail.payButton.focus();
    await press("Enter");
    await mail.pane.atReview();
    await mail.pane.button(EN.continue).click();
    await mail.pane.codeFrame.getByLabel(EN.code).focus();
    const region = () => page.evaluate(() => document.activeElement?.closest("[data-region]")?.dataset.region);
    assert.equal(await region(), "pane");
    const visited = [];
    for (let step = 0; step < 5; step++) {
      const before = await region();
      await press("F6");
      await page.waitForFunction(
        (was) => document.activeElement?.closest("[data-region]")?.dataset.region !== was,
        before,
      );
      visited.push(await region());
    }
    assert.deepEqual(visited, ["header", "folders", "list", "reading", "pane"]);
    watch.assertQuiet();
  });

  test("no single key pays", async () => {
    await mail.openInvoice("NE-2026-001104");
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    await page.getByRole("heading", { name: EN.confirm }).focus();
    for (const key of "abcdefghijklmnopqrstuvwxyz") if (key !== "j" && key !== "k") await press(key);
    await mail.pane.payButton().waitFor();
    assert.equal(await world.chargesFor("NE-2026-001104"), 0);
    watch.assertQuiet();
  });
});
