import type { Session } from "../api/types";
import { Dialog } from "../shell/Dialog";
import { useText } from "../text/catalogue";
import { SignInForm } from "./SignInForm";

interface Props {
  login: string;
  onSignedIn: (session: Session) => void;
}

/** Over the app as it stands: what was typed underneath is still there afterwards. */
export function SignInAgain({ login, onSignedIn }: Props) {
  const { t } = useText();
  return (
    <Dialog title={t("signin.again_title")}>
      <p>{t("signin.again")}</p>
      <SignInForm login={login} onSignedIn={onSignedIn} />
    </Dialog>
  );
}
