import { Link } from "@fluentui/react-components";
import { MailAlertRegular } from "@fluentui/react-icons";
import { linkTo } from "../router/useRoute";
import { useText } from "../text/catalogue";
import styles from "./AppShell.module.css";
import { EmptyState } from "./EmptyState";

export function NotFound() {
  const { t } = useText();
  return (
    <main className={styles.page}>
      <EmptyState icon={<MailAlertRegular />} title={t("app.not_found")}>
        <Link {...linkTo({ page: "mail", folder: "inbox", messageId: null, search: "" })}>{t("app.go_inbox")}</Link>
      </EmptyState>
    </main>
  );
}
