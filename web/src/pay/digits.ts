// Typed and pasted numbers come with spaces, dashes and no-break spaces.
export function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}
