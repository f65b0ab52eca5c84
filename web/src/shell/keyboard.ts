// Keys that work everywhere: F6 goes round the regions, single keys where no text is being typed.

import { useEffect, useEffectEvent } from "react";
import { useShortcutsOn } from "../theme/preferences";

const REGIONS = "[data-region]";

function visibleRegions(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(REGIONS)].filter((region) => region.getClientRects().length > 0);
}

/** Focus to the next (or previous) region; to its entry point where it names one. */
export function moveToRegion(step: 1 | -1): void {
  const regions = visibleRegions();
  const current = regions.findIndex((region) => region.contains(document.activeElement));
  const start = current === -1 && step === -1 ? 0 : current;
  const next = regions[(start + step + regions.length) % regions.length];
  const entry = next?.querySelector<HTMLElement>("[data-region-entry]") ?? next;
  entry?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input:not([type=radio],[type=checkbox]), textarea, select, [contenteditable]") !== null
  );
}

/** Esc in a dialog closes the dialog, not what lies under it. */
export function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("dialog") !== null;
}

export function useRegionKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F6" || document.querySelector("dialog[open]") !== null) return;
      event.preventDefault();
      moveToRegion(event.shiftKey ? -1 : 1);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Single-key shortcuts, off where the reader says so (WCAG 2.1.4). */
export function useShortcuts(actions: Record<string, () => void>): void {
  const on = useShortcutsOn();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    if (!on) return;
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, [on]);
}
