// A billing address as it is typed, and what is wrong with it. Pure.

import type { Billing } from "../api/types";
import type { TextId } from "../text/catalogue";
import type { Language } from "../text/language";

export type BillingField = keyof Billing;
export type BillingErrors = Partial<Record<BillingField, TextId>>;

export const BILLING_FIELDS: ReadonlyArray<{
  field: Exclude<BillingField, "country">;
  label: TextId;
  autoComplete: string;
  max: number;
}> = [
  { field: "name", label: "billing.name", autoComplete: "billing name", max: 100 },
  { field: "line1", label: "billing.line1", autoComplete: "billing address-line1", max: 100 },
  { field: "line2", label: "billing.line2", autoComplete: "billing address-line2", max: 100 },
  { field: "postal_code", label: "billing.postal_code", autoComplete: "billing postal-code", max: 16 },
  { field: "city", label: "billing.city", autoComplete: "billing address-level2", max: 80 },
];

const MISSING: Partial<Record<BillingField, TextId>> = {
  name: "billing.name_missing",
  line1: "billing.line1_missing",
  city: "billing.city_missing",
};

export function emptyBilling(name: string, language: Language): Billing {
  return { name, line1: "", line2: "", postal_code: "", city: "", country: language === "pl" ? "PL" : "GB" };
}

export function trimmed(billing: Billing): Billing {
  const { name, line1, line2, postal_code, city, country } = billing;
  return {
    name: name.trim(),
    line1: line1.trim(),
    line2: line2.trim(),
    postal_code: postal_code.trim(),
    city: city.trim(),
    country,
  };
}

export function billingErrors(billing: Billing): BillingErrors {
  const errors: BillingErrors = {};
  for (const { field, max } of BILLING_FIELDS) {
    const value = billing[field].trim();
    const missing = MISSING[field];
    if (value === "" && missing !== undefined) errors[field] = missing;
    else if (value.length > max) errors[field] = "billing.too_long";
  }
  return errors;
}

export function billingLine({ name, line1, line2, postal_code, city, country }: Billing, language: Language): string {
  const countryName = new Intl.DisplayNames([language], { type: "region" }).of(country) ?? country;
  return [name, line1, line2, `${postal_code} ${city}`.trim(), countryName].filter((part) => part !== "").join(", ");
}

// ISO 3166-1; the names come from the browser.
const COUNTRY_CODES =
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

export function countries(language: Language): Array<{ code: string; name: string }> {
  const names = new Intl.DisplayNames([language], { type: "region" });
  return COUNTRY_CODES.split(" ")
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .sort((one, other) => one.name.localeCompare(other.name, language));
}
