// The administrator's switches close and open cards that are on the screen, without a reload.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { openMail, toConfirm } from "./screens.mjs";
import { EN } from "./words.mjs";
import { endsWithSuite } from "./world.mjs";

const OFF = "Set-OrganizationConfig -ConnectorsEnabled:$false";
const ON = "Set-OrganizationConfig -ConnectorsEnabled:$true";

describe("the switch of the organisation", () => {
  const suite = endsWithSuite();
  let world;
  let mail;
  let watch;
  before(async () => {
    ({ world, mail, watch } = await openMail(suite));
  });

  test("closes and opens the card live", async () => {
    await mail.openInvoice("NE-2026-001104");
    await mail.page.evaluate(() => {
      window.notReloaded = true;
    });
    await world.admin(OFF);
    await mail.card.waitFor({ state: "detached" });
    assert.equal(await mail.bar.count(), 0, "an ordinary message: no bar, no teaser");
    await world.admin(ON);
    await mail.payButton.waitFor();
    assert.equal(await mail.page.evaluate(() => window.notReloaded), true);
    watch.assertQuiet();
  });

  test("with the pane open it says so, and nothing can be paid", async () => {
    await toConfirm(mail, "NE-2026-001104");
    await mail.pane.typeCode();
    await world.admin(OFF);
    await mail.pane.region.getByText(EN.switchedOff, { exact: true }).waitFor();
    assert.equal(await mail.pane.payButton().count(), 0);
    assert.equal(await mail.page.getByRole("alert").getByText(EN.switchedOff).count(), 1, "read out");
    await mail.card.waitFor({ state: "detached" });
    assert.equal(await world.chargesFor("NE-2026-001104"), 0);
    await mail.pane.region.getByRole("button", { name: EN.close }).last().click();
    await world.admin(ON);
    await mail.payButton.waitFor();
    watch.assertQuiet();
  });

  test("off in the moment of paying: the server refuses", async () => {
    await mail.reviewAndPay();
    await mail.pane.continue(EN.confirm);
    // The news of the switch is kept from this browser: only the server knows.
    await mail.page.context().setOffline(false);
    await mail.page.route("**/v1/messages/*", (route) => route.abort());
    watch.expect(403, "/v1/payments");
    watch.expect(409, "/v1/payments");
    watch.expect(422, "/v1/payments");
    await world.admin(OFF);
    await mail.pane.pay("GBP 34.80");
    await mail.pane.region
      .getByText(/Your organisation has switched off payments|can no longer be paid/)
      .first()
      .waitFor();
    assert.equal(await world.chargesFor("NE-2026-001104"), 0);
    await mail.page.unrouteAll({ behavior: "wait" });
    await world.admin(ON);
    assert.deepEqual(
      watch.complaints.filter((text) => !/ERR_FAILED/.test(text)),
      [],
    );
  });
});
