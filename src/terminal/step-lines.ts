import type { Look } from './look.ts';
import { cutEnd, duration, GREEN, GREY, paint, RED, widthOf, YELLOW } from './text.ts';

/** How far a step is. */
export interface StepState {
  title: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';
  /** What it is doing right now. */
  detail?: string;
  startedMs?: number;
  /** Since when it does what `detail` says. */
  detailSinceMs?: number;
  endedMs?: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const MARKS = { waiting: '·', done: '✔', failed: '✖', interrupted: '■' };
const COLOURS = { waiting: GREY, running: YELLOW, done: GREEN, failed: RED, interrupted: GREY };
/** What takes less need not be counted before the eyes of the reader. */
const COUNTED_MS = 3_000;

/** The lines that show the steps on a terminal at a moment. Pure. */
export function stepLines(steps: readonly StepState[], nowMs: number, { width, colour }: Look): string[] {
  return steps.flatMap(({ title, state, detail, startedMs, detailSinceMs, endedMs }) => {
    const mark = state === 'running' ? SPINNER[Math.floor(nowMs / FRAME_MS) % SPINNER.length] : MARKS[state];
    const time = endedMs !== undefined && startedMs !== undefined ? `  ${duration(endedMs - startedMs)}` : '';
    const text = cutEnd(`${title}${time}`, width - 2);
    const shown = state === 'waiting' ? paint(text, GREY, colour) : text;
    const line = `${paint(mark ?? ' ', COLOURS[state], colour)} ${shown}`;
    if (state !== 'running' || !detail) return [line];
    const ms = nowMs - (detailSinceMs ?? nowMs);
    // The time is cut last: it shows that something is going on.
    const counted = ms < COUNTED_MS ? '' : `  ${duration(Math.floor(ms / 1000) * 1000)}`;
    const words = cutEnd(`  ${detail}`, width - widthOf(counted));
    return [line, paint(`${words}${counted}`, GREY, colour)];
  });
}
