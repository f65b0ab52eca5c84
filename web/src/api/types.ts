// The names by which the rest of the front end knows the API's shapes.

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Folders = Schemas["Folders"];
export type MessageRow = Schemas["MessageRow"];
export type Message = Schemas["Message"];
export type InvoiceDocument = Schemas["InvoiceDocument"];
export type InvoiceParty = Schemas["InvoiceParty"];
export type PaymentCardFacts = Schemas["PaymentCard"];
export type Review = Schemas["Review"];
export type Payment = Schemas["Payment"];
export type PaymentOrder = Schemas["PaymentOrder"];
export type Card = Schemas["Card"];
export type CardBrand = Card["brand"];
export type NewCard = Schemas["NewCard"];
export type Billing = Schemas["Billing"];
export type Wallet = Schemas["Wallet"];
export type Money = Schemas["Money"];
export type Problem = Schemas["Problem"];
export type InvoiceState = Schemas["InvoiceState"];
export type VerdictKind = Schemas["VerdictKind"];

export const FOLDERS = ["inbox", "to_pay", "paid", "scheduled"] as const;
export type Folder = (typeof FOLDERS)[number];
