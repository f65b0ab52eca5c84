// Subject, sender with the full address (a name alone proves nothing), receivers, time.

import { Button } from "@fluentui/react-components";
import { ImageRegular } from "@fluentui/react-icons";
import type { Message } from "../api/types";
import { useText } from "../text/catalogue";
import { formatMomentFull } from "../text/format";
import { Avatar } from "./Avatar";
import styles from "./MessageHeader.module.css";

interface Props {
  message: Message;
  headingId: string;
  /** Absent once the pictures are shown. */
  onShowPictures?: () => void;
}

export function MessageHeader({ message, headingId, onShowPictures }: Props) {
  const { t, language } = useText();
  const name = message.from_name ?? message.from_address ?? t("list.no_sender");
  return (
    <header className={styles.header}>
      <h2 id={headingId} className={styles.subject} tabIndex={-1} data-region-entry="">
        {message.subject ?? t("list.no_subject")}
      </h2>
      <div className={styles.sender}>
        <Avatar name={name} size={40} />
        <div className={styles.who}>
          <div className={styles.from}>
            <span className="unseen">{t("reading.from")}: </span>
            <strong className={styles.name}>{name}</strong>
            {message.from_name !== null && message.from_address !== null && (
              <span className={styles.address}>&lt;{message.from_address}&gt;</span>
            )}
          </div>
          <div className={styles.receivers}>
            {t("reading.to")}: {message.to ?? message.mailbox_address}
          </div>
          {message.reply_to !== null && message.reply_to !== message.from_address && (
            <div className={styles.receivers}>
              {t("reading.reply_to")}: {message.reply_to}
            </div>
          )}
        </div>
        <time className={styles.time} dateTime={message.received_at}>
          {formatMomentFull(message.received_at, language)}
        </time>
        {onShowPictures && (
          // Not known here is whether the message has any: so an offer, not a warning.
          <Button
            className={styles.pictures}
            appearance="subtle"
            size="small"
            icon={<ImageRegular />}
            aria-label={t("reading.remote_pictures")}
            title={`${t("reading.remote_pictures")}. ${t("reading.remote_pictures_hint")}`}
            onClick={onShowPictures}
          />
        )}
      </div>
    </header>
  );
}
