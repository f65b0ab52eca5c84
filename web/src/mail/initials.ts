/** "Northwind via Ledgerly" is Northwind: the name of who sends for whom, without the sender's. */
export function ownName(name: string): string {
  return name.replace(/\s+via\s.*$/iu, "");
}

export function initialsOf(name: string): string {
  const words = ownName(name)
    .split(/[\s@._-]+/)
    .filter((word) => /^\p{L}|^\p{N}/u.test(word));
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}
