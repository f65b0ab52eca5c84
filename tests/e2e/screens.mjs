// The screens as a reader meets them: everything is found by its role and its words.

import assert from "node:assert/strict";
import { newProfile, startBrowser } from "./browser.mjs";
import { EN } from "./words.mjs";
import { PASSWORD, PAYER, startWorld } from "./world.mjs";

export const GOOD_CARD = "4242 4242 4242 4242";
export const EXPIRY = "12/30";
export const CODE = "737";

/** Text as it is read: one kind of space. */
export const plain = (text) => text.replace(/\s+/gu, " ").trim();

export async function signIn(page, words = EN) {
  await page.goto("/");
  await page.getByLabel(words.login).fill(PAYER);
  await page.getByLabel(words.password, { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: words.signIn, exact: true }).click();
  await page.getByRole("listbox").waitFor();
}

export class Mail {
  constructor(page, words = EN) {
    this.page = page;
    this.words = words;
    this.pane = new Pane(page, words);
    this.card = page.getByRole("region", { name: words.card, exact: true });
    this.payButton = this.card.getByRole("button", { name: words.reviewAndPay, exact: true });
    this.bar = page.getByTestId("verdict-bar");
    this.body = page.locator("iframe[src*='/body']");
  }

  async openFolder(name) {
    await this.page.getByRole("navigation").getByRole("link", { name }).first().click();
    await this.page.getByRole("listbox", { name: this.words.messages(name) }).waitFor();
  }

  row(text) {
    return this.page.getByRole("option").filter({ hasText: text });
  }

  /** Finds a mail by the search box, as one does in a full mailbox, and opens it. */
  async open(text) {
    const box = this.page.getByRole("searchbox");
    await box.fill(text);
    await this.page.getByRole("listbox", { name: this.words.messages("Search results") }).waitFor();
    await this.row(text).first().click();
    await this.page.getByRole("main").getByRole("heading", { level: 2 }).first().waitFor();
  }

  /** Opens the invoice with this number, by its address. */
  async openInvoice(number) {
    await this.openMessage(await this.messageIdOf(number));
    await this.card.getByText(number).waitFor();
  }

  async openMessage(id) {
    await this.page.goto(`/inbox/${id}`);
    await this.page.locator("#message-heading").waitFor();
  }

  async messages(folder = "inbox") {
    const response = await this.page.request.get(`/v1/messages?limit=200&folder=${folder}`);
    return (await response.json()).items;
  }

  async messageIdOf(number) {
    const item = (await this.messages()).find(({ invoice }) => invoice?.number === number);
    assert.ok(item, `a mail with invoice ${number}`);
    return item.id;
  }

  async fact(label) {
    const pair = this.card
      .locator("div")
      .filter({ has: this.page.locator("dt", { hasText: label }) })
      .last();
    return plain(await pair.locator("dd").innerText());
  }

  async reviewAndPay() {
    await this.payButton.click();
    await this.pane.atReview();
  }
}

export class Pane {
  constructor(page, words) {
    this.page = page;
    this.words = words;
    // Beside the message it is a complement to it; on a narrow screen it is all there is.
    const named = { name: words.pane, exact: true };
    this.region = page.getByRole("complementary", named).or(page.getByRole("main", named));
    this.cardFrame = page.frameLocator(`iframe[title="${words.cardFrame}"]`);
    this.codeFrame = page.frameLocator(`iframe[title="${words.codeFrame}"]`);
    this.notice = this.region.getByTestId("notice");
  }

  /** Waits for a step; its heading must hold the focus. */
  async at(title) {
    const heading = this.region.getByRole("heading", { level: 2, name: title, exact: true });
    await heading.waitFor();
    await this.page.waitForFunction((text) => document.activeElement?.textContent === text, title);
  }

  /** The biller has answered: while it is being asked, the heading is the same. */
  async atReview() {
    await this.button(this.words.continue).waitFor();
    await this.at(this.words.review);
  }

  button(name) {
    return this.region.getByRole("button", { name, exact: true });
  }

  async continue(next) {
    await this.button(this.words.continue).click();
    await this.at(next);
  }

  async fillCard(number = GOOD_CARD, { holder = "Anna Nowak", expiry = EXPIRY } = {}) {
    await this.cardFrame.getByLabel(this.words.holder).fill(holder);
    await this.cardFrame.getByLabel(this.words.number).pressSequentially(number.replaceAll(" ", ""));
    await this.cardFrame.getByLabel(this.words.expiry).pressSequentially(expiry.replace("/", ""));
  }

  /** Another address than the company's. */
  async fillBilling() {
    const { words, region } = this;
    await region.getByRole("checkbox", { name: words.sameAsCompany }).uncheck();
    await region.getByLabel(words.billingName).fill("Demo Company");
    await region.getByLabel(words.billingLine, { exact: true }).fill("ul. Długa 5");
    await region.getByLabel(words.billingPostalCode).fill("00-238");
    await region.getByLabel(words.billingCity).fill("Warszawa");
  }

  /** From the first-time details to the confirm step; the company's address is offered and taken. */
  async saveFirstCard(number = GOOD_CARD) {
    await this.fillCard(number);
    await this.button(this.words.save).click();
    await this.at(this.words.confirm);
  }

  /** From the confirm step to the first-time or another card's details and back. */
  async addCard(number) {
    await this.button(this.words.addCard).click();
    await this.at(this.words.addCard);
    await this.fillCard(number);
    await this.button(this.words.save).click();
    await this.at(this.words.confirm);
  }

  payButton(amount) {
    return this.button(amount === undefined ? /^(Pay|Zapłać) / : this.words.pay(amount));
  }

  async typeCode(code = CODE) {
    await this.codeFrame.getByLabel(this.words.code).pressSequentially(code);
  }

  async pay(amount, code = CODE) {
    await this.typeCode(code);
    await this.payButton(amount).click();
  }

  async paid() {
    await this.at(this.words.done);
  }

  async close() {
    await this.button(this.words.close).click();
    await this.region.waitFor({ state: "detached" });
  }
}

/** Everything up to the confirm step, with a card that is saved on the way where there is none. */
export async function toConfirm(mail, number, cardNumber = GOOD_CARD) {
  await mail.openInvoice(number);
  await mail.reviewAndPay();
  await mail.pane.continue(mail.words.details);
  await mail.pane.saveFirstCard(cardNumber);
}

export async function payInFull(mail, number, cardNumber = GOOD_CARD) {
  await toConfirm(mail, number, cardNumber);
  await mail.pane.pay();
  await mail.pane.paid();
}

/** A world of the suite's own and its payer, signed in, in one window. */
export async function openMail(suite) {
  const world = await startWorld(suite);
  const { context, watch } = await newProfile(await startBrowser(suite), world);
  const mail = new Mail(await context.newPage());
  await signIn(mail.page);
  return { world, mail, watch };
}
