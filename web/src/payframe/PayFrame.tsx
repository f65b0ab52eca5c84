// A frame under /pay/ inside the app: its height follows its content, and `submit` asks it for what was typed, sealed.

import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from "react";
import { reportSignedOut } from "../api/client";
import { moveToRegion } from "../shell/keyboard";
import { Skeleton } from "../shell/Skeleton";
import { useText } from "../text/catalogue";
import { useTheme } from "../theme/preferences";
import styles from "./PayFrame.module.css";
import {
  comesFrom,
  type FieldName,
  type FieldProblem,
  type FrameSettings,
  frameAddress,
  type Reply,
  type Request,
  readReply,
  type SealedCard,
  type SealedCode,
} from "./protocol";

export type FrameAnswer =
  | { kind: "card"; card: SealedCard }
  | { kind: "code"; code: SealedCode }
  | { kind: "errors"; errors: FieldProblem[] }
  | { kind: "failed"; signedOut: boolean };

export interface PayFrameHandle {
  submit(): Promise<FrameAnswer>;
  clear(): void;
  focus(field: FieldName | null): void;
}

type Result = Extract<Reply, { id: number }>;

function answerOf(reply: Result): FrameAnswer {
  switch (reply.saldo) {
    case "sealed_card":
      return { kind: "card", card: reply.card };
    case "sealed_code":
      return { kind: "code", code: reply.code };
    case "errors":
      return { kind: "errors", errors: reply.errors };
    case "failed":
      return { kind: "failed", signedOut: reply.signedOut };
  }
}

interface Props extends Omit<FrameSettings, "language" | "theme"> {
  page: "card" | "code";
  title: string;
  holder?: string;
  handle: Ref<PayFrameHandle>;
  onDirty?: (dirty: boolean) => void;
  /** Enter was pressed in the frame. */
  onEnter: () => void;
  /** Esc was pressed in the frame. */
  onEscape?: () => void;
}

const START_HEIGHT: Record<Props["page"], number> = { card: 198, code: 78 };
const ANSWER_LIMIT_MS = 15_000;

export function PayFrame({
  page,
  title,
  holder,
  handle,
  onDirty,
  onEnter,
  onEscape,
  processor,
  brand,
  networks,
}: Props) {
  const { language } = useText();
  const theme = useTheme();
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(START_HEIGHT[page]);
  const [ready, setReady] = useState(false);
  const waiting = useRef(new Map<number, (answer: FrameAnswer) => void>());
  const lastId = useRef(0);

  const tell = (request: Request) => frame.current?.contentWindow?.postMessage(request, location.origin);

  useImperativeHandle(handle, () => ({
    submit: () =>
      new Promise((resolve) => {
        const id = ++lastId.current;
        const answer = (result: FrameAnswer) => {
          window.clearTimeout(timer);
          waiting.current.delete(id);
          resolve(result);
        };
        const timer = window.setTimeout(() => answer({ kind: "failed", signedOut: false }), ANSWER_LIMIT_MS);
        waiting.current.set(id, answer);
        tell({ saldo: "submit", id });
      }),
    clear: () => tell({ saldo: "clear" }),
    focus: (field) => {
      frame.current?.focus();
      tell({ saldo: "focus", field });
    },
  }));

  const settle = (reply: Result) => {
    if (reply.saldo === "failed" && reply.signedOut) reportSignedOut();
    waiting.current.get(reply.id)?.(answerOf(reply));
  };
  const onReply = useEffectEvent((reply: Reply) => {
    switch (reply.saldo) {
      case "ready":
        setReady(true);
        return holder ? tell({ saldo: "prefill", holder }) : undefined;
      case "height":
        return setHeight(reply.px);
      case "dirty":
        return onDirty?.(reply.dirty);
      case "enter":
        return onEnter();
      case "key":
        return reply.key === "F6" ? moveToRegion(reply.shift ? -1 : 1) : onEscape?.();
      default:
        return settle(reply);
    }
  });
  useEffect(() => {
    const listener = (event: MessageEvent) => {
      if (!comesFrom(event, frame.current?.contentWindow ?? null, location.origin)) return;
      const reply = readReply(event.data);
      if (reply !== null) onReply(reply);
    };
    addEventListener("message", listener);
    return () => removeEventListener("message", listener);
  }, []);

  return (
    <div className={styles.box} style={{ height }}>
      {!ready && (
        <div className={styles.waiting}>
          <Skeleton width="40%" />
          <Skeleton height={32} />
        </div>
      )}
      <iframe
        ref={frame}
        className={styles.frame}
        data-ready={ready}
        title={title}
        src={frameAddress(page, { language, theme, processor, brand, networks })}
      />
    </div>
  );
}
