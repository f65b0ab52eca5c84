// Initials on a colour that stays the same for the same name.

import styles from "./Avatar.module.css";

const COLOURS = [
  "DarkRed",
  "Cranberry",
  "Pumpkin",
  "Gold",
  "Forest",
  "Seafoam",
  "Teal",
  "Steel",
  "Cornflower",
  "Navy",
  "Lavender",
  "Grape",
];

export function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/).filter((word) => /^\p{L}|^\p{N}/u.test(word));
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

function colourOf(name: string): string {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return COLOURS[sum % COLOURS.length] ?? "Steel";
}

export function Avatar({ name, size }: { name: string; size: number }) {
  const colour = colourOf(name);
  return (
    <span
      aria-hidden="true"
      data-initials={initialsOf(name)}
      className={styles.avatar}
      style={{
        width: size,
        height: size,
        fontSize: Math.round(size * 0.38),
        color: `var(--colorPalette${colour}Foreground2)`,
        background: `var(--colorPalette${colour}Background2)`,
      }}
    />
  );
}
