import type { Card } from "../api/types";
import type { Translate } from "../text/catalogue";

/** "Visa •••• 4242, expires 08/28" */
export function cardWithExpiry({ brand, last4, expiry, expired }: Card, t: Translate): string {
  return t(expired ? "confirm.card_expired" : "confirm.card", { brand: t(`brand.${brand}`), last4, expiry });
}

/** "Visa •••• 4242", or the name its owner gave it before that. */
export function cardName({ brand, last4, nickname }: Card, t: Translate): string {
  const plain = t("wallet.ending", { brand: t(`brand.${brand}`), last4 });
  return nickname === null ? plain : `${nickname} (${plain})`;
}
