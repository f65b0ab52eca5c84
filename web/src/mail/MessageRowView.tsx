// One message of the list: who, what, when; for an invoice that can be paid also how much and its state.

import type { MessageRow } from "../api/types";
import { useText } from "../text/catalogue";
import { formatListMoment, formatMoney } from "../text/format";
import { Avatar } from "./Avatar";
import styles from "./MessageRowView.module.css";
import { StateBadge } from "./StateBadge";

export const rowElementId = (messageId: string): string => `message-${messageId}`;

interface Props {
  message: MessageRow;
  position: number;
  /** -1 while more may come. */
  count: number;
  selected: boolean;
  focusable: boolean;
  onFocus: () => void;
  onOpen: () => void;
}

export function MessageRowView({ message, position, count, selected, focusable, onFocus, onOpen }: Props) {
  const { t, language } = useText();
  const sender = message.from_name ?? message.from_address ?? t("list.no_sender");
  const subject = message.subject ?? t("list.no_subject");
  const amount = message.invoice?.amount_due ?? null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list answers the keys for all its rows
    <div
      id={rowElementId(message.id)}
      role="option"
      aria-selected={selected}
      aria-setsize={count}
      aria-posinset={position + 1}
      tabIndex={focusable ? 0 : -1}
      {...(focusable && { "data-region-entry": "" })}
      className={styles.row}
      data-unseen={!message.seen}
      onFocus={onFocus}
      onClick={onOpen}
    >
      <Avatar name={sender} size={36} />
      <div className={styles.text}>
        <div className={styles.line}>
          <span className={styles.sender}>
            {!message.seen && <span className="unseen">{t("list.unread")} </span>}
            {sender}
          </span>
          <time className={styles.time} dateTime={message.received_at}>
            {formatListMoment(message.received_at, language, new Date())}
          </time>
        </div>
        <div className={styles.line}>
          <span className={styles.subject}>{subject}</span>
          {amount !== null && <span className={styles.amount}>{formatMoney(amount, language)}</span>}
        </div>
        <div className={styles.line}>
          <span className={styles.preview}>{message.preview}</span>
          {message.invoice !== null && <StateBadge state={message.invoice.state} />}
          {message.verdict_kind === "hold" && <StateBadge state="hold" />}
        </div>
      </div>
    </div>
  );
}
