// Initials on a colour that stays the same for the same name.

import styles from "./Avatar.module.css";
import { initialsOf, ownName } from "./initials";

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

function colourOf(name: string): string {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return COLOURS[sum % COLOURS.length] ?? "Steel";
}

export function Avatar({ name, size }: { name: string; size: number }) {
  const colour = colourOf(ownName(name));
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
