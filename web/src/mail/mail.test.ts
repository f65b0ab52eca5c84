import { describe, expect, it } from "vitest";
import type { Message, MessageRow } from "../api/types";
import english from "../locales/en.json";
import type { Translate } from "../text/catalogue";
import { initialsOf } from "./initials";
import { listRows, withoutDoubles } from "./listRows";
import { checkLines, reasonText } from "./verdictWords";

const t: Translate = (id, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, String(value)), english[id]);

const row = (id: string, received_at: string): MessageRow => ({
  id,
  received_at,
  from_name: null,
  from_address: null,
  subject: null,
  preview: null,
  seen: false,
  mailbox_address: "anna@demo.example",
  verdict_kind: "plain",
  invoice: null,
});

describe("the list", () => {
  it("puts a heading where the age changes", () => {
    const now = new Date(2026, 10, 25, 12);
    const rows = listRows(
      [
        row("a", new Date(2026, 10, 25, 9).toISOString()),
        row("b", new Date(2026, 10, 25, 8).toISOString()),
        row("c", new Date(2026, 9, 1).toISOString()),
      ],
      now,
    );
    expect(rows.map((entry) => (entry.kind === "heading" ? entry.age : entry.message.id))).toEqual([
      "today",
      "a",
      "b",
      "older",
      "c",
    ]);
  });

  it("shows a message once though two pages bring it", () => {
    expect(withoutDoubles([row("a", ""), row("b", ""), row("a", "")]).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("initials", () => {
  it("are one or two letters", () => {
    expect(initialsOf("Anna Nowak")).toBe("AN");
    expect(initialsOf("łódź@example")).toBe("ŁE");
    expect(initialsOf("Linden")).toBe("L");
    expect(initialsOf("Northwind Energy via Ledgerly")).toBe("NE");
    expect(initialsOf("<>")).toBe("?");
  });
});

describe("why", () => {
  const authentication: Message["authentication"] = {
    dkim: [],
    spf: { result: "softfail", domain: "evil.example", reason: null },
    dmarc: { result: "fail", domain: null, policy: "reject", reason: null },
    arc: { result: "none", reason: null },
  };

  it("says in plain words what was checked", () => {
    expect(checkLines(authentication, t)).toEqual([
      { method: "Signature (DKIM)", result: "Nothing to check", passed: false, text: "The message isn't signed." },
      {
        method: "Sending server (SPF)",
        result: "Doubtful",
        passed: false,
        text: "The server may not send mail for evil.example.",
      },
      {
        method: "Sender's domain policy (DMARC)",
        result: "Failed",
        passed: false,
        text: "Nobody vouches for the visible sender address of the sender's domain.",
      },
    ]);
  });

  it("gives the server's English, a sentence of the catalogue elsewhere, and never nothing", () => {
    const reason = { code: "partner_suspended", text: "Ledgerly is suspended." };
    expect(reasonText(reason, t, "en")).toEqual({ text: "Ledgerly is suspended.", language: "en" });
    expect(reasonText(reason, t, "pl")).toEqual({ text: english["reason.partner_suspended"], language: "pl" });
    expect(reasonText({ code: "brand_new", text: "New." }, t, "pl")).toEqual({ text: "New.", language: "en" });
  });
});
