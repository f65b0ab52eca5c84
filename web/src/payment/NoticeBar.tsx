// What the last try came to, in one line, with an icon; read out as it appears.

import { ErrorCircleRegular, InfoRegular, WarningRegular } from "@fluentui/react-icons";
import { type ReactNode, useEffect } from "react";
import { problemText } from "../api/problem";
import { alarm } from "../shell/announce";
import { type Translate, useText } from "../text/catalogue";
import { formatMoney } from "../text/format";
import type { Language } from "../text/language";
import type { Notice } from "./flow";
import styles from "./NoticeBar.module.css";

type Tone = "danger" | "warning" | "info";

const ICONS: Record<Tone, ReactNode> = {
  danger: <ErrorCircleRegular />,
  warning: <WarningRegular />,
  info: <InfoRegular />,
};

export function noticeText(notice: Notice, t: Translate, language: Language): string {
  switch (notice.kind) {
    case "declined":
      return t(`declined.${notice.reason}`);
    case "expired":
      return t("declined.expired");
    case "cancelled":
      return t("declined.cancelled");
    case "not_sent":
      return t("declined.not_sent");
    case "details_changed":
      return t("review.details_changed");
    case "amount_changed":
      return t("review.amount_changed", { a: formatMoney(notice.from, language), b: formatMoney(notice.to, language) });
    case "error":
      return problemText(notice.error, t, true);
  }
}

function toneOf(notice: Notice): Tone {
  if (notice.kind === "cancelled") return "info";
  return notice.kind === "declined" || notice.kind === "error" ? "danger" : "warning";
}

export function NoticeBar({ notice, children }: { notice: Notice; children?: ReactNode }) {
  const { t, language } = useText();
  const text = noticeText(notice, t, language);
  useEffect(() => alarm(text), [text]);
  return (
    <MessageLine tone={toneOf(notice)} text={text}>
      {children}
    </MessageLine>
  );
}

/** The bar alone, for texts that are read out elsewhere or need not be. */
export function MessageLine({ tone, text, children }: { tone: Tone; text: string; children?: ReactNode }) {
  return (
    <div className={styles.bar} data-tone={tone} data-testid="notice">
      <span className={styles.icon} aria-hidden="true">
        {ICONS[tone]}
      </span>
      <div className={styles.text}>
        {text}
        {children}
      </div>
    </div>
  );
}
