// Name and password. Used by the page and by the dialog that comes when a session has ended.

import { Button, Field, Input } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { type FormEvent, useRef, useState } from "react";
import { ApiProblem, problemText } from "../api/problem";
import { useSignIn } from "../api/queries";
import type { Session } from "../api/types";
import { alarm } from "../shell/announce";
import { type Translate, useText } from "../text/catalogue";
import type { Language } from "../text/language";
import styles from "./SignIn.module.css";

interface Props {
  login?: string;
  /** The language chosen by hand here. */
  chosen?: Language | null;
  onSignedIn: (session: Session) => void;
}

const UNAUTHORIZED = 401;

function signInProblem(error: unknown, t: Translate): string {
  const wrong = error instanceof ApiProblem && error.problem.status === UNAUTHORIZED;
  return wrong ? t("signin.wrong") : problemText(error, t);
}

export function SignInForm({ login: knownLogin = "", chosen = null, onSignedIn }: Props) {
  const { t } = useText();
  const signIn = useSignIn(chosen);
  const [login, setLogin] = useState(knownLogin);
  const [password, setPassword] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const [visible, setVisible] = useState(false);
  const loginInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSubmitted(true);
    if (login.trim() === "") return loginInput.current?.focus();
    if (password === "") return passwordInput.current?.focus();
    if (signIn.isPending) return;
    // Signing in takes this form away; what follows must not hang on it.
    signIn.mutateAsync({ login: login.trim(), password }).then(onSignedIn, (error: unknown) => {
      alarm(signInProblem(error, t));
      passwordInput.current?.select();
    });
  };
  const loginError = submitted && login.trim() === "" ? t("signin.login_missing") : undefined;
  const passwordError = submitted && password === "" ? t("signin.password_missing") : undefined;
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {signIn.isError && <p className={styles.problem}>{signInProblem(signIn.error, t)}</p>}
      <Field label={t("signin.login")} validationMessage={loginError}>
        <Input
          ref={loginInput}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          size="large"
          value={login}
          onChange={(_, { value }) => setLogin(value)}
        />
      </Field>
      <Field label={t("signin.password")} validationMessage={passwordError}>
        <Input
          ref={passwordInput}
          name="password"
          type={visible ? "text" : "password"}
          autoComplete="current-password"
          size="large"
          value={password}
          onChange={(_, { value }) => setPassword(value)}
          contentAfter={
            <Button
              appearance="transparent"
              size="small"
              icon={visible ? <EyeOffRegular /> : <EyeRegular />}
              aria-label={t(visible ? "signin.hide_password" : "signin.show_password")}
              onClick={() => setVisible(!visible)}
            />
          }
        />
      </Field>
      <Button type="submit" appearance="primary" size="large" aria-disabled={signIn.isPending}>
        {t(signIn.isPending ? "signin.busy" : "signin.submit")}
      </Button>
    </form>
  );
}
