// The wallet: cards come, get names, change places and go, each with a word about it.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { newProfile, startBrowser } from "./browser.mjs";
import { Mail, signIn } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite, startWorld } from "./world.mjs";

describe("the wallet", () => {
  const suite = endsWithSuite();
  let world;
  let page;
  let pane;
  let watch;
  let mail;
  before(async () => {
    world = await startWorld(suite);
    const profile = await newProfile(await startBrowser(suite), world);
    watch = profile.watch;
    page = await profile.context.newPage();
    mail = new Mail(page);
    pane = mail.pane;
    await signIn(page);
    await page.getByRole("link", { name: EN.wallet }).click();
    await page.getByText("No cards yet").waitFor();
  });

  const dialog = (name) => page.getByRole("dialog", { name });
  const card = (text) => page.getByRole("listitem").filter({ hasText: text });
  const said = (text) => page.locator("#status").getByText(text, { exact: true }).waitFor({ state: "attached" });

  const add = async (number) => {
    await page.getByRole("button", { name: EN.addCard }).click();
    await dialog(EN.addCard).waitFor();
    await pane.cardFrame.getByLabel(EN.number).waitFor();
    await pane.fillCard(number);
    await dialog(EN.addCard).getByRole("button", { name: "Save card" }).click();
    await dialog(EN.addCard).waitFor({ state: "detached" });
  };

  test("adds cards; the first is the default", async () => {
    await add("4242 4242 4242 4242");
    await said("Card added");
    await card("Visa •••• 4242").getByText("Default").waitFor();
    await add("5555 5555 5555 4444");
    await card("Mastercard •••• 4444").waitFor();
    watch.assertQuiet();
  });

  test("names a card", async () => {
    await page.getByRole("button", { name: "Rename Mastercard •••• 4444" }).click();
    await page.getByLabel("Name of this card").fill("Company card");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await card("Company card").waitFor();
    await said("Card renamed");
    watch.assertQuiet();
  });

  test("makes another card the default, and that one pays", async () => {
    const other = (await card("Visa •••• 4242").getByText("Default").count()) > 0 ? "Company card" : "4242";
    await page.getByRole("button", { name: new RegExp(`^Make default: .*${other}`) }).click();
    await card(other).getByText("Default", { exact: true }).waitFor();
    await mail.openInvoice("NE-2026-001104");
    await mail.reviewAndPay();
    await pane.continue(EN.confirm);
    await pane.region.getByText(other === "4242" ? "Visa •••• 4242, expires 12/30" : "Company card").waitFor();
    await pane.pay("GBP 34.80");
    await pane.paid();
    await page.getByRole("link", { name: EN.wallet }).click();
    await card(other)
      .getByText(/^Last used /)
      .waitFor();
    watch.assertQuiet();
  });

  test("deletes a card only after asking", async () => {
    await page.getByRole("button", { name: /^Delete .*4242/ }).click();
    const question = dialog("Delete card ending 4242?");
    await question.getByRole("button", { name: EN.cancel, exact: true }).click();
    await question.waitFor({ state: "detached" });
    await card("4242").waitFor();
    await page.getByRole("button", { name: /^Delete .*4242/ }).click();
    await question.getByRole("button", { name: "Delete", exact: true }).click();
    await card("4242").waitFor({ state: "detached" });
    await said("Card deleted");
    await page.reload();
    await page.getByRole("heading", { name: EN.wallet }).waitFor();
    await card("Company card").or(card("4444")).first().waitFor();
    assert.equal(await card("4242").count(), 0);
    watch.assertQuiet();
  });
});
