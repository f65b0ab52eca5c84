// The frame of the app: header, folders, page, task pane; and what belongs to all of them.

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { listenToServer } from "../api/events";
import type { Session } from "../api/types";
import { MailPage } from "../mail/MailPage";
import { keptAttempt } from "../payment/attempt";
import { useRoute } from "../router/useRoute";
import { useText } from "../text/catalogue";
import styles from "./AppShell.module.css";
import { announce } from "./announce";
import { FolderPane } from "./FolderPane";
import { Header } from "./Header";
import { moveToRegion, useRegionKeys, useShortcuts } from "./keyboard";
import { NotFound } from "./NotFound";
import { type PaneTarget, type PaymentPane, PaymentPaneContext, SessionEndedContext } from "./paymentPane";

const TaskPane = lazy(() => import("../payment/TaskPane"));
const WalletPage = lazy(() => import("../wallet/WalletPage"));
const SettingsPage = lazy(() => import("../settings/SettingsPage"));
const HelpDialog = lazy(() => import("./HelpDialog"));

interface Props {
  session: Session;
  sessionEnded: boolean;
}

export function AppShell({ session, sessionEnded }: Props) {
  const route = useRoute();
  const [helping, setHelping] = useState(false);
  const pane = usePaneState();
  useServerPush();
  useRegionKeys();
  useShortcuts({
    "/": () => document.getElementById("search")?.focus(),
    "?": () => setHelping(true),
  });
  const narrowView = route.page === "mail" && route.messageId === null ? "list" : "page";
  return (
    <SessionEndedContext value={sessionEnded}>
      <PaymentPaneContext value={pane}>
        <div
          className={styles.shell}
          data-view={pane.target === null ? narrowView : "pane"}
          data-pane={pane.target !== null}
        >
          <Header session={session} route={route} onHelp={() => setHelping(true)} />
          <FolderPane route={route} />
          <Suspense fallback={<main className={styles.page} />}>
            {route.page === "mail" && <MailPage route={route} />}
            {route.page === "wallet" && <WalletPage session={session} />}
            {route.page === "settings" && <SettingsPage session={session} />}
            {route.page === "unknown" && <NotFound />}
          </Suspense>
          {pane.target !== null && (
            <Suspense fallback={<div className={styles.pane} />}>
              <TaskPane key={pane.target.invoiceId} target={pane.target} session={session} />
            </Suspense>
          )}
        </div>
        {helping && (
          <Suspense>
            <HelpDialog onClose={() => setHelping(false)} />
          </Suspense>
        )}
      </PaymentPaneContext>
    </SessionEndedContext>
  );
}

/** After a reload in mid-payment the pane opens again by itself. */
function targetAfterReload(): PaneTarget | null {
  const kept = keptAttempt();
  return kept !== null && kept.sentAt !== null ? { messageId: kept.messageId, invoiceId: kept.invoiceId } : null;
}

function usePaneState(): PaymentPane {
  const { t } = useText();
  const [target, setTarget] = useState<PaneTarget | null>(targetAfterReload);
  const [busy, setBusy] = useState(false);
  return useMemo(
    () => ({
      target,
      setBusy,
      open: (wanted) => {
        if (!busy || wanted.invoiceId === target?.invoiceId) return setTarget(wanted);
        announce(t("pane.busy_elsewhere"));
        document.querySelector<HTMLElement>("[data-payment-pane] h2")?.focus();
      },
      close: (focus = "card") => {
        setTarget(null);
        if (focus === "none") return;
        requestAnimationFrame(() => {
          const button = document.getElementById("pay-button");
          if (button === null) moveToRegion(1);
          else button.focus();
        });
      },
    }),
    [target, busy, t],
  );
}

function useServerPush(): void {
  const client = useQueryClient();
  useEffect(() => listenToServer(client), [client]);
}
