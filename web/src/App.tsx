// Who is here decides what is drawn: the sign-in page, or the mail app with (when the session has ended meanwhile)
// a sign-in dialog over it, so that nothing typed is lost.

import { FluentProvider, type Theme as FluentTheme, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import styles from "./App.module.css";
import { keepCsrf, onSignedOut } from "./api/client";
import { useSession } from "./api/queries";
import type { Session } from "./api/types";
import { AppShell } from "./shell/AppShell";
import { StartSkeleton } from "./shell/StartSkeleton";
import { SignInAgain } from "./signin/SignInAgain";
import { SignInPage } from "./signin/SignInPage";
import { speak, useText } from "./text/catalogue";
import { type Theme, useTheme } from "./theme/preferences";

const FONT =
  '"Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", "Open Sans", sans-serif';

const THEMES: Record<Theme, FluentTheme> = {
  light: { ...webLightTheme, fontFamilyBase: FONT },
  dark: { ...webDarkTheme, fontFamilyBase: FONT },
};

export function App() {
  const theme = useTheme();
  useEffect(() => {
    document.documentElement.style.colorScheme = theme;
  }, [theme]);
  return (
    <FluentProvider theme={THEMES[theme]} className={styles.provider}>
      <WhoIsHere />
    </FluentProvider>
  );
}

function WhoIsHere() {
  const client = useQueryClient();
  const { data: session, isPending } = useSession();
  const [ended, setEnded] = useState(false);
  useEffect(() => onSignedOut(() => setEnded(true)), []);
  useSpokenLanguage(session);
  if (session !== undefined) keepCsrf(session.csrf);

  if (isPending) return <StartSkeleton />;
  if (session === undefined) return <SignInPage onSignedIn={() => setEnded(false)} />;
  const comeBack = (returned: Session) => {
    if (returned.account.id !== session.account.id) return location.assign("/");
    setEnded(false);
    void client.invalidateQueries();
  };
  return (
    <>
      <AppShell session={session} sessionEnded={ended} />
      {ended && <SignInAgain login={session.account.login} onSignedIn={comeBack} />}
    </>
  );
}

/** The account's language wins over what the browser prefers. */
function useSpokenLanguage(session: Session | undefined): void {
  const { language } = useText();
  const wanted = session?.account.language;
  useEffect(() => {
    if (wanted !== undefined && wanted !== language) void speak(wanted);
  }, [wanted, language]);
}
