// Server push: one stream per browser. The tab that holds the lock reads /v1/events and tells the others
// through a BroadcastChannel; when it closes, the next tab takes over.

import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./queries";

export const EVENT_KINDS = ["message", "payment", "policy"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
export interface ServerEvent {
  kind: EventKind | "resumed";
  id: string | null;
}

const CHANNEL = "saldo-events";
const REOPEN_AFTER_MS = 5_000;

/** Which queries an event makes stale. After a gap anything may have happened. */
export function staleAfter(event: ServerEvent): ReadonlyArray<readonly string[]> {
  switch (event.kind) {
    case "message":
      return [keys.lists, keys.folders, event.id === null ? keys.allMessages : keys.message(event.id)];
    case "payment":
      return [keys.lists, keys.folders, keys.allMessages, event.id === null ? ["payment"] : keys.payment(event.id)];
    case "policy":
      return [keys.lists, keys.folders, keys.allMessages];
    case "resumed":
      return [keys.lists, keys.folders, keys.allMessages, ["payment"], keys.wallet];
  }
}

export function parseEventData(data: string): string | null {
  try {
    const value: unknown = JSON.parse(data);
    const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
    return typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}

/** Begins listening; the returned function ends it. */
export function listenToServer(client: QueryClient): () => void {
  const ending = new AbortController();
  const channel = new BroadcastChannel(CHANNEL);
  const apply = (event: ServerEvent) => {
    for (const queryKey of staleAfter(event)) void client.invalidateQueries({ queryKey });
  };
  const tell = (event: ServerEvent) => {
    channel.postMessage(event);
    apply(event);
  };
  channel.onmessage = (message: MessageEvent<ServerEvent>) => apply(message.data);
  void holdStream(tell, ending.signal);
  return () => {
    ending.abort();
    channel.close();
  };
}

async function holdStream(tell: (event: ServerEvent) => void, ending: AbortSignal): Promise<void> {
  const readUntilEnd = () => readStream(tell, ending);
  // Locks exist only in secure contexts; elsewhere each tab reads for itself.
  if (!("locks" in navigator)) return readUntilEnd();
  return navigator.locks.request(CHANNEL, { signal: ending }, readUntilEnd).catch(() => undefined);
}

function readStream(tell: (event: ServerEvent) => void, ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource;
    let interrupted = false;
    let timer = 0;
    const open = () => {
      source = new EventSource("/v1/events");
      for (const kind of EVENT_KINDS) {
        source.addEventListener(kind, (event: MessageEvent<string>) => tell({ kind, id: parseEventData(event.data) }));
      }
      source.onopen = () => {
        if (interrupted) tell({ kind: "resumed", id: null });
        interrupted = false;
      };
      source.onerror = () => {
        interrupted = true;
        // The browser reconnects by itself unless the answer was an error; then we do.
        if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, REOPEN_AFTER_MS);
      };
    };
    open();
    ending.addEventListener("abort", () => {
      window.clearTimeout(timer);
      source.close();
      resolve();
    });
  });
}
