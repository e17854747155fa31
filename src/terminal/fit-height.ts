import { cutEnd } from './text.ts';
import type { Viewport } from './viewport.ts';

/** The lines if they fit; otherwise the first ones and the number of hidden lines. */
export function fitHeight(lines: string[], { width, height }: Viewport): string[] {
  if (lines.length <= height) return lines;
  const kept = lines.slice(0, Math.max(0, height - 1));
  return [...kept, cutEnd(`… ${lines.length - kept.length} more lines: enlarge the window`, width)];
}
