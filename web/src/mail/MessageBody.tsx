// The message body, in a sandboxed frame with its own address and its own content security policy. The app never
// touches its content; remote pictures only load when asked for. Links have no target, so no popup is allowed either.

import { useText } from "../text/catalogue";
import styles from "./MessageBody.module.css";

export function MessageBody({ messageId, pictures }: { messageId: string; pictures: boolean }) {
  const { t } = useText();
  return (
    <div className={styles.body}>
      <iframe
        className={styles.frame}
        title={t("reading.body")}
        src={`/m/${messageId}/body${pictures ? "?pictures=1" : ""}`}
        sandbox=""
        referrerPolicy="no-referrer"
      />
    </div>
  );
}
