import { Button } from "@fluentui/react-components";
import { useEffect } from "react";
import { problemText } from "../api/problem";
import { alarm } from "../shell/announce";
import { useText } from "../text/catalogue";
import { MessageLine } from "./NoticeBar";
import { StepFrame } from "./StepFrame";

interface Props {
  error: unknown;
  onRetry: () => void;
  onClose: () => void;
}

/** The biller or the server could not say what is due. */
export function FailedStep({ error, onRetry, onClose }: Props) {
  const { t } = useText();
  const text = problemText(error, t, true);
  useEffect(() => alarm(text), [text]);
  return (
    <StepFrame
      title={t("failed.title")}
      actions={
        <>
          <Button appearance="primary" onClick={onRetry}>
            {t("app.retry")}
          </Button>
          <Button appearance="subtle" onClick={onClose}>
            {t("app.cancel")}
          </Button>
        </>
      }
    >
      <MessageLine tone="danger" text={text} />
    </StepFrame>
  );
}
