/** The processor that cards are saved for outside a payment; within one the biller names it. */
export const WALLET_PROCESSOR = "sandbox";
