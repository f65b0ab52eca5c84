// The list of keys.

import type { TextId } from "../text/catalogue";
import { useText } from "../text/catalogue";
import { useShortcutsOn } from "../theme/preferences";
import { Dialog } from "./Dialog";
import styles from "./HelpDialog.module.css";

const KEYS: ReadonlyArray<{ keys: readonly string[]; text: TextId; single: boolean }> = [
  { keys: ["F6", "Shift+F6"], text: "help.f6", single: false },
  { keys: ["↓ ↑", "j k"], text: "help.jk", single: false },
  { keys: ["Enter"], text: "help.enter", single: false },
  { keys: ["/"], text: "help.search", single: true },
  { keys: ["?"], text: "help.help", single: true },
  { keys: ["Esc"], text: "help.esc", single: false },
];

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useText();
  const shortcutsOn = useShortcutsOn();
  return (
    <Dialog title={t("help.title")} onClose={onClose}>
      <dl className={styles.keys}>
        {KEYS.filter(({ single }) => shortcutsOn || !single).map(({ keys, text }) => (
          <div key={text} className={styles.row}>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && ` ${t("help.or")} `}
                  <kbd className={styles.key}>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd className={styles.text}>{t(text)}</dd>
          </div>
        ))}
      </dl>
      {!shortcutsOn && <p>{t("help.off")}</p>}
    </Dialog>
  );
}
