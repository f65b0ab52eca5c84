// Addresses of the app, both ways: what the reader sees ↔ path and query. Pure.

import { FOLDERS, type Folder } from "../api/types";

export type Route =
  | { page: "mail"; folder: Folder; messageId: string | null; search: string }
  | { page: "wallet" }
  | { page: "settings" }
  | { page: "unknown" };

const FOLDER_PATHS: Record<Folder, string> = { inbox: "inbox", to_pay: "to-pay", paid: "paid", scheduled: "scheduled" };

export function parseRoute(path: string, query: string): Route {
  const [first = "", second, ...rest] = path.split("/").filter((part) => part !== "");
  if (rest.length > 0) return { page: "unknown" };
  if (first === "wallet" || first === "settings") return second === undefined ? { page: first } : { page: "unknown" };
  const folder = first === "" ? "inbox" : FOLDERS.find((name) => FOLDER_PATHS[name] === first);
  if (folder === undefined) return { page: "unknown" };
  return { page: "mail", folder, messageId: second ?? null, search: new URLSearchParams(query).get("q") ?? "" };
}

export function pathOf(route: Exclude<Route, { page: "unknown" }>): string {
  if (route.page !== "mail") return `/${route.page}`;
  const message = route.messageId === null ? "" : `/${encodeURIComponent(route.messageId)}`;
  const query = route.search === "" ? "" : `?${new URLSearchParams({ q: route.search })}`;
  return `/${FOLDER_PATHS[route.folder]}${message}${query}`;
}
