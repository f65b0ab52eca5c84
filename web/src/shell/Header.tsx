// The top bar: product, search, help, account.

import { Button, Input } from "@fluentui/react-components";
import { DismissRegular, QuestionCircleRegular, SearchRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { Session } from "../api/types";
import type { Route } from "../router/routes";
import { go, linkTo } from "../router/useRoute";
import { useText } from "../text/catalogue";
import { AccountMenu } from "./AccountMenu";
import styles from "./Header.module.css";

interface Props {
  session: Session;
  route: Route;
  onHelp: () => void;
}

export function Header({ session, route, onHelp }: Props) {
  const { t } = useText();
  return (
    <header className={styles.header} data-region="header">
      <h1 className={styles.heading}>
        <a className={styles.product} {...linkTo({ page: "mail", folder: "inbox", messageId: null, search: "" })}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span className={styles.name}>{t("app.name")}</span>
        </a>
      </h1>
      <SearchBox key={searchKey(route)} route={route} />
      <div className={styles.tools}>
        <Button appearance="subtle" icon={<QuestionCircleRegular />} aria-label={t("header.help")} onClick={onHelp} />
        <AccountMenu session={session} />
      </div>
    </header>
  );
}

/** A change of folder empties the box; typing in it must not remount it. */
function searchKey(route: Route): string {
  return route.page === "mail" ? route.folder : route.page;
}

const PAUSE_MS = 250;

function SearchBox({ route }: { route: Route }) {
  const { t } = useText();
  const current = route.page === "mail" ? route.search : "";
  const folder = route.page === "mail" ? route.folder : "inbox";
  const [typed, setTyped] = useState(current);
  useEffect(() => {
    if (typed.trim() === current) return;
    const timer = window.setTimeout(() => {
      go({ page: "mail", folder, messageId: null, search: typed.trim() }, current === "" ? "push" : "replace");
    }, PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed, current, folder]);
  return (
    <search className={styles.search}>
      <Input
        id="search"
        className={styles.input}
        type="search"
        appearance="filled-lighter"
        maxLength={200}
        value={typed}
        placeholder={t("header.search")}
        aria-label={t("header.search")}
        data-region-entry=""
        contentBefore={<SearchRegular />}
        contentAfter={
          typed === "" ? undefined : (
            <Button
              appearance="transparent"
              size="small"
              icon={<DismissRegular />}
              aria-label={t("header.search_clear")}
              onClick={() => setTyped("")}
            />
          )
        }
        onChange={(_, { value }) => setTyped(value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && typed !== "") setTyped("");
        }}
      />
    </search>
  );
}
