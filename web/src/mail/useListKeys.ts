// The list's keys: arrows, j and k, Home and End move the focus, Space opens, Enter opens and goes to the message.
// One row is in the tab order at a time.

import { type KeyboardEvent, type RefObject, useState } from "react";
import type { MessageRow } from "../api/types";
import { useShortcuts } from "../shell/keyboard";
import { focusReadingPane } from "./focus";
import { rowElementId } from "./MessageRowView";

interface ListUnderKeys {
  messages: readonly MessageRow[];
  openId: string | null;
  scroller: RefObject<HTMLElement | null>;
  /** Scrolls the row into view, so that it is drawn. */
  show: (messageId: string) => void;
  open: (messageId: string) => void;
}

export function useListKeys({ messages, openId, scroller, show, open }: ListUnderKeys) {
  const [activeId, setActiveId] = useState<string | null>(null);
  const candidates = [activeId, openId, messages[0]?.id];
  const focusedId = candidates.find((id) => messages.some((message) => message.id === id)) ?? null;
  const position = messages.findIndex((message) => message.id === focusedId);

  const moveTo = (wanted: number) => {
    const message = messages[Math.min(Math.max(wanted, 0), messages.length - 1)];
    if (message === undefined) return;
    setActiveId(message.id);
    show(message.id);
    focusWhenDrawn(rowElementId(message.id));
  };
  const step = (by: 1 | -1) => {
    const inList = scroller.current?.contains(document.activeElement) ?? false;
    moveTo(inList ? position + by : position);
  };
  useShortcuts({ j: () => step(1), k: () => step(-1) });

  const actions: Partial<Record<string, () => void>> = {
    ArrowDown: () => moveTo(position + 1),
    ArrowUp: () => moveTo(position - 1),
    Home: () => moveTo(0),
    End: () => moveTo(messages.length - 1),
    " ": () => focusedId !== null && open(focusedId),
    Enter: () => {
      if (focusedId === null) return;
      open(focusedId);
      focusReadingPane();
    },
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  return { focusedId, setActiveId, onKeyDown };
}

const FRAMES_MAX = 10;

/** A row far away is drawn only after the list has scrolled there. */
function focusWhenDrawn(id: string, frames = FRAMES_MAX): void {
  const element = document.getElementById(id);
  if (element !== null) element.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusWhenDrawn(id, frames - 1));
}
