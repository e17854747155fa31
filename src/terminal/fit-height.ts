import type { Look } from './look.ts';
import { cutEnd } from './text.ts';

/** The lines if they fit; otherwise the first of them, and how many are left out. */
export function fitHeight(lines: string[], { width, height }: Look): string[] {
  if (lines.length <= height) return lines;
  const kept = lines.slice(0, Math.max(0, height - 1));
  return [...kept, cutEnd(`… ${lines.length - kept.length} more lines: make the window higher`, width)];
}
