// The folders with their counts, and the wallet.

import {
  CalendarClockFilled,
  CalendarClockRegular,
  CheckmarkCircleFilled,
  CheckmarkCircleRegular,
  MailInboxFilled,
  MailInboxRegular,
  ReceiptMoneyFilled,
  ReceiptMoneyRegular,
  SettingsFilled,
  SettingsRegular,
  WalletCreditCardFilled,
  WalletCreditCardRegular,
} from "@fluentui/react-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { useFolders } from "../api/queries";
import { FOLDERS, type Folder } from "../api/types";
import type { Route } from "../router/routes";
import { linkTo } from "../router/useRoute";
import { useText } from "../text/catalogue";
import styles from "./FolderPane.module.css";

const ICONS: Record<Folder, { idle: ReactNode; current: ReactNode }> = {
  inbox: { idle: <MailInboxRegular />, current: <MailInboxFilled /> },
  to_pay: { idle: <ReceiptMoneyRegular />, current: <ReceiptMoneyFilled /> },
  paid: { idle: <CheckmarkCircleRegular />, current: <CheckmarkCircleFilled /> },
  scheduled: { idle: <CalendarClockRegular />, current: <CalendarClockFilled /> },
};

export function FolderPane({ route }: { route: Route }) {
  const { t } = useText();
  const { data: counts } = useFolders();
  const shown: Record<Folder, number | undefined> = {
    inbox: counts?.unseen,
    to_pay: counts?.to_pay,
    paid: counts?.paid,
    scheduled: counts?.scheduled,
  };
  return (
    <nav className={styles.pane} aria-label={t("folders.region")} data-region="folders">
      <ul className={styles.list}>
        {FOLDERS.map((folder) => {
          const current = route.page === "mail" && route.folder === folder;
          return (
            <Entry
              key={folder}
              link={linkTo({ page: "mail", folder, messageId: null, search: "" })}
              icon={current ? ICONS[folder].current : ICONS[folder].idle}
              current={current}
              name={t(`folder.${folder}`)}
              count={shown[folder] ?? 0}
              countText={t(folder === "inbox" ? "folder.count_unseen" : "folder.count", { n: shown[folder] ?? 0 })}
              strong={folder === "inbox" || folder === "to_pay"}
            />
          );
        })}
        <li className={styles.gap} aria-hidden="true" />
        <Entry
          link={linkTo({ page: "wallet" })}
          icon={route.page === "wallet" ? <WalletCreditCardFilled /> : <WalletCreditCardRegular />}
          current={route.page === "wallet"}
          name={t("folder.wallet")}
        />
        <Entry
          link={linkTo({ page: "settings" })}
          icon={route.page === "settings" ? <SettingsFilled /> : <SettingsRegular />}
          current={route.page === "settings"}
          name={t("folder.settings")}
        />
      </ul>
    </nav>
  );
}

interface EntryProps {
  link: ReturnType<typeof linkTo>;
  icon: ReactNode;
  name: string;
  current: boolean;
  count?: number;
  countText?: string;
  strong?: boolean;
}

function Entry({ link, icon, name, current, count = 0, countText, strong = false }: EntryProps) {
  const tab = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // On a narrow window the folders are a row that scrolls.
    if (current) tab.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <li>
      <a
        ref={tab}
        className={styles.entry}
        {...link}
        title={name}
        aria-current={current ? "page" : undefined}
        {...(current && { "data-region-entry": "" })}
      >
        <span className={styles.icon} aria-hidden="true">
          {icon}
        </span>
        <span className={styles.name}>{name}</span>
        {count > 0 && (
          <span className={styles.count} data-strong={strong}>
            <span aria-hidden="true">{count}</span>
            <span className="unseen">{countText}</span>
          </span>
        )}
      </a>
    </li>
  );
}
