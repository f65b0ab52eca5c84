// The current address as state, and moving to another one without loading the document again.

import { type MouseEvent, useSyncExternalStore } from "react";
import { parseRoute, pathOf, type Route } from "./routes";

type KnownRoute = Exclude<Route, { page: "unknown" }>;

const MOVED = "saldo:moved";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(MOVED, listener);
  };
}

const address = () => location.pathname + location.search;

export function useRoute(): Route {
  const current = useSyncExternalStore(subscribe, address);
  const [path = "/", query = ""] = current.split("?");
  return parseRoute(path, query);
}

export function go(route: KnownRoute, how: "push" | "replace" = "push"): void {
  const path = pathOf(route);
  if (path === address()) return;
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  dispatchEvent(new Event(MOVED));
}

/** Properties of a link that stays a real link: other buttons and modifier keys keep their meaning. */
export function linkTo(route: KnownRoute): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: pathOf(route),
    onClick: (event) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(route);
    },
  };
}
