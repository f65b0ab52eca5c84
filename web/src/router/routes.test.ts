import { describe, expect, it } from "vitest";
import { parseRoute, pathOf, type Route } from "./routes";

describe("routes", () => {
  const known: Array<[string, string, Exclude<Route, { page: "unknown" }>]> = [
    ["/inbox", "", { page: "mail", folder: "inbox", messageId: null, search: "" }],
    ["/to-pay/01a2", "", { page: "mail", folder: "to_pay", messageId: "01a2", search: "" }],
    ["/paid", "q=brzoza+sp.", { page: "mail", folder: "paid", messageId: null, search: "brzoza sp." }],
    ["/wallet", "", { page: "wallet" }],
    ["/settings", "", { page: "settings" }],
  ];

  it.each(known)("%s?%s both ways", (path, query, route) => {
    expect(parseRoute(path, query)).toEqual(route);
    expect(pathOf(route)).toBe(query === "" ? path : `${path}?${query}`);
  });

  it("opens the inbox at the root", () => {
    expect(parseRoute("/", "")).toEqual({ page: "mail", folder: "inbox", messageId: null, search: "" });
  });

  it.each(["/nowhere", "/inbox/1/2", "/wallet/1"])("%s is nowhere", (path) => {
    expect(parseRoute(path, "")).toEqual({ page: "unknown" });
  });
});
