// Which invoice the task pane shows, known to the whole app: the card opens it, the shell draws it.

import { createContext, useContext } from "react";

export interface PaneTarget {
  messageId: string;
  invoiceId: string;
}

export interface PaymentPane {
  target: PaneTarget | null;
  open(target: PaneTarget): void;
  /** The focus goes back to the card; unless another message is about to open. */
  close(focus?: "card" | "none"): void;
  /** Told by the pane: something was sent, so another invoice may not take its place. */
  setBusy(busy: boolean): void;
}

export const PaymentPaneContext = createContext<PaymentPane>({
  target: null,
  open: () => {},
  close: () => {},
  setBusy: () => {},
});

export const usePaymentPane = (): PaymentPane => useContext(PaymentPaneContext);

/** True while the session has ended and the reader has not signed in again. */
export const SessionEndedContext = createContext(false);
export const useSessionEnded = (): boolean => useContext(SessionEndedContext);
