// Settings: language, appearance, single-key shortcuts, and whose account this is.

import { Button, Field, Radio, RadioGroup, Switch } from "@fluentui/react-components";
import { SignOutRegular } from "@fluentui/react-icons";
import { useEffect } from "react";
import { problemText } from "../api/problem";
import { signOut, useSetLanguage } from "../api/queries";
import type { Session } from "../api/types";
import { alarm, announce } from "../shell/announce";
import { useText } from "../text/catalogue";
import { isLanguage, LANGUAGE_NAMES, LANGUAGES } from "../text/language";
import { chooseTheme, switchShortcuts, THEME_CHOICES, useShortcutsOn, useThemeChoice } from "../theme/preferences";
import page from "../wallet/Wallet.module.css";
import styles from "./SettingsPage.module.css";

export default function SettingsPage({ session }: { session: Session }) {
  const { t } = useText();
  useEffect(() => {
    document.title = `${t("settings.title")} – ${t("app.name")}`;
  }, [t]);
  return (
    <main className={page.page} data-region="page" tabIndex={-1} aria-label={t("settings.title")}>
      <div className={page.inner}>
        <h2 className={page.title}>{t("settings.title")}</h2>
        <LanguageChoice />
        <ThemeSetting />
        <ShortcutsSetting />
        <Account session={session} />
      </div>
    </main>
  );
}

function LanguageChoice() {
  const { t, language } = useText();
  const setLanguage = useSetLanguage();
  const choose = (value: string) => {
    if (!isLanguage(value)) return;
    setLanguage.mutate(value, {
      onSuccess: () => announce(t("settings.saved")),
      onError: (error) => alarm(problemText(error, t)),
    });
  };
  return (
    <Field label={<strong>{t("settings.language")}</strong>}>
      <RadioGroup value={language} onChange={(_, { value }) => choose(value)}>
        {LANGUAGES.map((choice) => (
          <Radio key={choice} value={choice} label={<span lang={choice}>{LANGUAGE_NAMES[choice]}</span>} />
        ))}
      </RadioGroup>
    </Field>
  );
}

function ThemeSetting() {
  const { t } = useText();
  const current = useThemeChoice();
  return (
    <Field label={<strong>{t("settings.theme")}</strong>}>
      <RadioGroup
        value={current}
        onChange={(_, { value }) => chooseTheme(THEME_CHOICES.find((choice) => choice === value) ?? "system")}
      >
        {THEME_CHOICES.map((choice) => (
          <Radio key={choice} value={choice} label={t(`settings.theme_${choice}`)} />
        ))}
      </RadioGroup>
    </Field>
  );
}

function ShortcutsSetting() {
  const { t } = useText();
  const on = useShortcutsOn();
  return (
    <Field hint={t("settings.shortcuts_hint")}>
      <Switch
        className={styles.switch}
        checked={on}
        label={<strong>{t("settings.shortcuts")}</strong>}
        onChange={(_, { checked }) => switchShortcuts(checked)}
      />
    </Field>
  );
}

function Account({ session }: { session: Session }) {
  const { t } = useText();
  const { account, organization, mailboxes } = session;
  return (
    <section aria-label={t("settings.account")}>
      <h3 className={page.sectionTitle}>{t("settings.account")}</h3>
      <dl className={styles.account}>
        <dt>{t("settings.name")}</dt>
        <dd>{account.name}</dd>
        <dt>{t("settings.login")}</dt>
        <dd>{account.login}</dd>
        <dt>{t("settings.role")}</dt>
        <dd>{t(`settings.role_${account.role}`)}</dd>
        <dt>{t("settings.organization")}</dt>
        <dd>{organization}</dd>
        <dt>{t("settings.mailboxes")}</dt>
        <dd>
          {mailboxes.map((mailbox) => (
            <div key={mailbox.id}>
              {mailbox.address}
              {mailbox.is_group && <span className={styles.group}> · {t("settings.group_mailbox")}</span>}
            </div>
          ))}
        </dd>
      </dl>
      <Button icon={<SignOutRegular />} onClick={() => signOut().catch(() => alarm(t("problem.network")))}>
        {t("header.sign_out")}
      </Button>
    </section>
  );
}
