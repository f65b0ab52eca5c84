// Both catalogues say the same things: every id, every placeholder, every plural form that the language has.

import { readdirSync, readFileSync } from "node:fs";
import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import english from "./en.json";
import polish from "./pl.json";

type Catalogue = Record<string, string>;

const placeholders = (text: string) =>
  [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name).filter((name) => name !== "n");
const counts = (text: string) => /\{n, plural,/.test(text);

describe("catalogues", () => {
  it("have the same ids in the same order", () => {
    expect(Object.keys(polish)).toEqual(Object.keys(english));
  });

  it.each(Object.entries(english as Catalogue))("%s has its Polish twin", (id, text) => {
    const twin = (polish as Catalogue)[id] ?? "";
    expect(twin.trim()).not.toBe("");
    expect(counts(twin)).toBe(counts(text));
    if (counts(text)) {
      for (const form of ["one", "few", "many", "other"]) expect(twin).toMatch(new RegExp(`\\b${form} \\{`));
    } else {
      expect(new Set(placeholders(twin))).toEqual(new Set(placeholders(text)));
    }
  });

  it("say nothing that no source asks for", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
      .map((name) => readFileSync(`src/${name}`, "utf8"))
      .join("\n");
    const families = [...sources.matchAll(/`([a-z_]+\.[a-z_]*)\$\{/g)].map(([, prefix]) => prefix ?? "");
    const unused = Object.keys(english).filter(
      (id) => !sources.includes(`"${id}"`) && !families.some((prefix) => id.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe("Polish plurals", () => {
  beforeAll(async () => {
    const { messages } = await import("../locales/pl.mjs");
    i18n.loadAndActivate({ locale: "pl", messages });
  });

  it.each([
    [1, "1 dzień po terminie"],
    [3, "3 dni po terminie"],
    [5, "5 dni po terminie"],
    [22, "22 dni po terminie"],
    [112, "112 dni po terminie"],
  ])("%i days", (n, text) => {
    expect(i18n._("card.overdue", { n })).toBe(text);
  });

  it.each([
    [1, "Sprawdź 1 pole"],
    [2, "Sprawdź 2 pola"],
    [5, "Sprawdź 5 pól"],
  ])("%i fields", (n, text) => {
    expect(i18n._("details.problems", { n })).toBe(text);
  });
});
