import { describe, expect, it } from "vitest";
import { parseEventData, staleAfter } from "./events";

describe("server push", () => {
  it("reads the subject's id", () => {
    expect(parseEventData('{"id":"01a2"}')).toBe("01a2");
    expect(parseEventData('{"id":null}')).toBeNull();
    expect(parseEventData("no json")).toBeNull();
  });

  it("makes stale what changed", () => {
    expect(staleAfter({ kind: "message", id: "m" })).toContainEqual(["message", "m"]);
    expect(staleAfter({ kind: "payment", id: "p" })).toContainEqual(["payment", "p"]);
    expect(staleAfter({ kind: "policy", id: null })).toContainEqual(["message"]);
    expect(staleAfter({ kind: "resumed", id: null })).toContainEqual(["wallet"]);
  });
});
