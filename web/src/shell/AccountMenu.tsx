// Who is signed in, in a popover of the platform: settings and signing out.

import { Button } from "@fluentui/react-components";
import { SettingsRegular, SignOutRegular } from "@fluentui/react-icons";
import { useId, useRef } from "react";
import { signOut } from "../api/queries";
import type { Session } from "../api/types";
import { Avatar } from "../mail/Avatar";
import { linkTo } from "../router/useRoute";
import { useText } from "../text/catalogue";
import styles from "./AccountMenu.module.css";
import { alarm } from "./announce";

export function AccountMenu({ session }: { session: Session }) {
  const { t } = useText();
  const id = useId();
  const popover = useRef<HTMLDivElement>(null);
  const settings = linkTo({ page: "settings" });
  const leave = () => signOut().catch(() => alarm(t("problem.network")));
  return (
    <>
      <button
        type="button"
        className={styles.button}
        popoverTarget={id}
        aria-label={t("header.account", { name: session.account.name })}
      >
        <Avatar name={session.account.name} size={28} />
      </button>
      <div ref={popover} id={id} popover="auto" className={styles.popover}>
        <div className={styles.who}>
          <Avatar name={session.account.name} size={40} />
          <div>
            <div className={styles.name}>{session.account.name}</div>
            <div className={styles.login}>{session.account.login}</div>
            <div className={styles.login}>{session.organization}</div>
          </div>
        </div>
        <div className={styles.actions}>
          <Button
            as="a"
            appearance="subtle"
            icon={<SettingsRegular />}
            href={settings.href}
            onClick={(event) => {
              popover.current?.hidePopover();
              settings.onClick(event);
            }}
          >
            {t("folder.settings")}
          </Button>
          <Button appearance="subtle" icon={<SignOutRegular />} onClick={leave}>
            {t("header.sign_out")}
          </Button>
        </div>
      </div>
    </>
  );
}
