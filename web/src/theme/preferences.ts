// What a reader sets for this browser alone: appearance and single-key shortcuts.

import { useSyncExternalStore } from "react";

export const THEME_CHOICES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];
export type Theme = "light" | "dark";

const THEME_KEY = "saldo.theme";
const SHORTCUTS_KEY = "saldo.shortcuts";
const CHANGED = "saldo:preferences";

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  addEventListener(CHANGED, listener);
  addEventListener("storage", listener);
  systemIsDark.addEventListener("change", listener);
  return () => {
    removeEventListener(CHANGED, listener);
    removeEventListener("storage", listener);
    systemIsDark.removeEventListener("change", listener);
  };
}

function keep(key: string, value: string): void {
  localStorage.setItem(key, value);
  dispatchEvent(new Event(CHANGED));
}

function themeChoice(): ThemeChoice {
  const kept = localStorage.getItem(THEME_KEY);
  return THEME_CHOICES.find((choice) => choice === kept) ?? "system";
}

function theme(): Theme {
  const choice = themeChoice();
  if (choice !== "system") return choice;
  return systemIsDark.matches ? "dark" : "light";
}

const shortcutsOn = () => localStorage.getItem(SHORTCUTS_KEY) !== "off";

export const useThemeChoice = (): ThemeChoice => useSyncExternalStore(subscribe, themeChoice);
export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme);
export const useShortcutsOn = (): boolean => useSyncExternalStore(subscribe, shortcutsOn);

export const chooseTheme = (choice: ThemeChoice): void => keep(THEME_KEY, choice);
export const switchShortcuts = (on: boolean): void => keep(SHORTCUTS_KEY, on ? "on" : "off");
