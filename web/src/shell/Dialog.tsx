// A modal dialog on the platform's own <dialog>: focus stays inside, Esc closes, focus goes back.

import { Button } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from "react";
import { useText } from "../text/catalogue";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  children: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  /** Beside the title, before the close button. */
  tools?: ReactNode;
  size?: "small" | "document";
  /** Absent where the dialog must be answered. */
  onClose?: () => void;
}

export function Dialog({ title, children, actions, tools, size = "small", onClose }: Props) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose?.();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} data-size={size} aria-labelledby={titleId} onCancel={cancel}>
      <div className={styles.head}>
        <h2 id={titleId} className={styles.title}>
          {title}
        </h2>
        {tools}
        {onClose && (
          <Button appearance="subtle" icon={<DismissRegular />} aria-label={t("app.close")} onClick={onClose} />
        )}
      </div>
      <div className={styles.content}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </dialog>
  );
}
