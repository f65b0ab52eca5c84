// Whether the window is too narrow for more than one pane; the same width as in the style sheets.

import { useSyncExternalStore } from "react";

const narrowWindow = matchMedia("(max-width: 899px)");

function subscribe(listener: () => void): () => void {
  narrowWindow.addEventListener("change", listener);
  return () => narrowWindow.removeEventListener("change", listener);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrowWindow.matches);
