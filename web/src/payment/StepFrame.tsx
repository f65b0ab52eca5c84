// The shape that all steps share: a heading that takes the focus when the step begins, content that scrolls, and
// actions at the foot.

import { type ReactNode, useLayoutEffect, useRef } from "react";
import styles from "./StepFrame.module.css";

interface Props {
  title: string;
  icon?: ReactNode;
  tone?: "success" | "warning";
  children: ReactNode;
  actions?: ReactNode;
}

export function StepFrame({ title, icon, tone, children, actions }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  // Before anything is painted: no key press falls between two steps.
  useLayoutEffect(() => heading.current?.focus(), []);
  return (
    <div className={styles.step}>
      <div className={styles.content}>
        {icon && (
          <span className={styles.icon} data-tone={tone} aria-hidden="true">
            {icon}
          </span>
        )}
        <h2 ref={heading} tabIndex={-1} className={styles.title} data-region-entry="">
          {title}
        </h2>
        {children}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
