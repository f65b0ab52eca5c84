// The files of a message. They are only ever downloaded, never opened in the app.

import { ArrowDownloadRegular, AttachRegular, DocumentPdfRegular } from "@fluentui/react-icons";
import type { Message } from "../api/types";
import { useText } from "../text/catalogue";
import { formatBytes } from "../text/format";
import styles from "./Attachments.module.css";

interface Props {
  messageId: string;
  attachments: Message["attachments"];
}

export function Attachments({ messageId, attachments }: Props) {
  const { t, language } = useText();
  return (
    <section aria-label={t("reading.attachments", { n: attachments.length })}>
      <ul className={styles.list}>
        {attachments.map(({ part, name, media_type, bytes }) => (
          <li key={part}>
            <a className={styles.file} href={`/v1/messages/${messageId}/parts/${part}`} download={name ?? ""}>
              <span className={styles.icon} aria-hidden="true">
                {media_type === "application/pdf" ? <DocumentPdfRegular /> : <AttachRegular />}
              </span>
              <span className={styles.text}>
                <span className={styles.name}>
                  <span className="unseen">{t("reading.download")} </span>
                  {name ?? t("reading.attachment")}
                </span>
                <span className={styles.size}>{formatBytes(bytes, language)}</span>
              </span>
              <ArrowDownloadRegular className={styles.arrow} aria-hidden="true" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
