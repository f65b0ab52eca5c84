// An invoice's state: always a word and an icon, never a colour alone.

import {
  ArrowSyncCircleRegular,
  ArrowUndoRegular,
  CalendarClockRegular,
  CheckmarkCircleFilled,
  ClockAlarmRegular,
  DismissCircleRegular,
  MoneyRegular,
  QuestionCircleRegular,
  ShieldErrorRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import type { InvoiceState } from "../api/types";
import { useText } from "../text/catalogue";
import styles from "./StateBadge.module.css";

type Tone = "neutral" | "brand" | "success" | "warning" | "danger";
type Shown = InvoiceState | "hold";

const LOOKS: Record<Shown, { tone: Tone; icon: ReactNode }> = {
  due: { tone: "brand", icon: <MoneyRegular /> },
  past_due: { tone: "danger", icon: <ClockAlarmRegular /> },
  scheduled: { tone: "neutral", icon: <CalendarClockRegular /> },
  processing: { tone: "brand", icon: <ArrowSyncCircleRegular /> },
  part_paid: { tone: "warning", icon: <MoneyRegular /> },
  complete: { tone: "success", icon: <CheckmarkCircleFilled /> },
  declined: { tone: "danger", icon: <DismissCircleRegular /> },
  refunded: { tone: "neutral", icon: <ArrowUndoRegular /> },
  cancelled: { tone: "neutral", icon: <DismissCircleRegular /> },
  disputed: { tone: "warning", icon: <WarningRegular /> },
  unknown: { tone: "warning", icon: <QuestionCircleRegular /> },
  hold: { tone: "warning", icon: <ShieldErrorRegular /> },
};

export function StateBadge({ state, text }: { state: Shown; text?: string }) {
  const { t } = useText();
  const { tone, icon } = LOOKS[state];
  return (
    <span className={styles.badge} data-tone={tone}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      {text ?? t(`state.${state}`)}
    </span>
  );
}
