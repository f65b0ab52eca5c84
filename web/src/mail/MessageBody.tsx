// The message body, in a sandboxed frame with its own address and its own content security policy. The app never
// touches its content; remote pictures only load when asked for.

import { Link } from "@fluentui/react-components";
import { ImageOffRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useText } from "../text/catalogue";
import styles from "./MessageBody.module.css";

export function MessageBody({ messageId }: { messageId: string }) {
  const { t } = useText();
  const [pictures, setPictures] = useState(false);
  return (
    <div className={styles.body}>
      {!pictures && (
        <p className={styles.pictures}>
          <ImageOffRegular aria-hidden="true" />
          <span>{t("reading.remote_pictures_hint")}</span>
          <Link as="button" className={styles.show} onClick={() => setPictures(true)}>
            {t("reading.remote_pictures")}
          </Link>
        </p>
      )}
      <iframe
        className={styles.frame}
        title={t("reading.body")}
        src={`/m/${messageId}/body${pictures ? "?pictures=1" : ""}`}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
      />
    </div>
  );
}
