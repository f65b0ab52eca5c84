// The list as it is drawn: messages under headings by age. Pure.

import type { MessageRow } from "../api/types";
import { type Age, ageOf } from "../text/format";

export type ListRow = { kind: "heading"; age: Age } | { kind: "message"; message: MessageRow; position: number };

export function listRows(messages: readonly MessageRow[], now: Date): ListRow[] {
  const rows: ListRow[] = [];
  let lastAge: Age | null = null;
  messages.forEach((message, position) => {
    const age = ageOf(message.received_at, now);
    if (age !== lastAge) rows.push({ kind: "heading", age });
    lastAge = age;
    rows.push({ kind: "message", message, position });
  });
  return rows;
}

/** The same message may come twice where pages shifted between two requests. */
export function withoutDoubles(messages: readonly MessageRow[]): MessageRow[] {
  return [...new Map(messages.map((message) => [message.id, message])).values()];
}
