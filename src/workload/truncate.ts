/** A text of somebody else that is passed on, cut where it is longer than this many characters. */
export function truncate(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
