/** Cuts a quoted text to this many characters. */
export function truncate(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
