import { useEffect, useState } from "react";
import type { Session } from "../api/types";
import { speak, useText } from "../text/catalogue";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../text/language";
import styles from "./SignIn.module.css";
import { SignInForm } from "./SignInForm";

/** The page of somebody who is not signed in. */
export function SignInPage({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { t, language } = useText();
  const [chosen, setChosen] = useState<Language | null>(null);
  const choose = (choice: Language) => {
    setChosen(choice);
    void speak(choice);
  };
  useEffect(() => {
    document.title = t("signin.title");
  }, [t]);
  return (
    <main className={styles.page}>
      <div className={styles.panel}>
        <img src="/icon.svg" alt="" width={48} height={48} />
        <h1 className={styles.title}>{t("signin.title")}</h1>
        <p className={styles.lead}>{t("signin.lead")}</p>
        <SignInForm chosen={chosen} onSignedIn={onSignedIn} />
      </div>
      <div className={styles.languages}>
        {LANGUAGES.map((choice) => (
          <button
            key={choice}
            type="button"
            lang={choice}
            className={styles.language}
            aria-pressed={choice === language}
            onClick={() => choose(choice)}
          >
            {LANGUAGE_NAMES[choice]}
          </button>
        ))}
      </div>
    </main>
  );
}
