// One folder (or one search): list and reading pane side by side, one of them on a narrow window.

import type { Route } from "../router/routes";
import styles from "./MailPage.module.css";
import { MessageList } from "./MessageList";
import { ReadingPane } from "./ReadingPane";

type MailRoute = Extract<Route, { page: "mail" }>;

export function MailPage({ route }: { route: MailRoute }) {
  return (
    <main className={styles.mail} data-open={route.messageId !== null}>
      <MessageList key={`${route.folder} ${route.search}`} route={route} />
      <ReadingPane key={route.messageId} route={route} />
    </main>
  );
}
