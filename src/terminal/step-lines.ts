import { cutEnd, duration, GREEN, GREY, paint, RED, widthOf, YELLOW } from './text.ts';
import type { Viewport } from './viewport.ts';

/** The progress of a step. */
export interface StepState {
  title: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'interrupted';
  /** Its current activity. */
  detail?: string;
  startedMs?: number;
  /** Start of that activity. */
  detailSinceMs?: number;
  endedMs?: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const MARKS = { waiting: '·', done: '✔', failed: '✖', interrupted: '■' };
const COLOURS = { waiting: GREY, running: YELLOW, done: GREEN, failed: RED, interrupted: GREY };
/** An activity shows its duration after this time, in milliseconds. */
const COUNTED_MS = 3_000;

/** The lines of a terminal that show the progress of steps. Pure. */
export function stepLines(steps: readonly StepState[], nowMs: number, { width, colour }: Viewport): string[] {
  return steps.flatMap(({ title, state, detail, startedMs, detailSinceMs, endedMs }) => {
    const mark = state === 'running' ? SPINNER[Math.floor(nowMs / FRAME_MS) % SPINNER.length] : MARKS[state];
    const time = endedMs !== undefined && startedMs !== undefined ? `  ${duration(endedMs - startedMs)}` : '';
    const text = cutEnd(`${title}${time}`, width - 2);
    const shown = state === 'waiting' ? paint(text, GREY, colour) : text;
    const line = `${paint(mark ?? ' ', COLOURS[state], colour)} ${shown}`;
    if (state !== 'running' || !detail) return [line];
    const ms = nowMs - (detailSinceMs ?? nowMs);
    // The duration is cut last: it shows that the step is still running.
    const counted = ms < COUNTED_MS ? '' : `  ${duration(Math.floor(ms / 1000) * 1000)}`;
    const words = cutEnd(`  ${detail}`, width - widthOf(counted));
    return [line, paint(`${words}${counted}`, GREY, colour)];
  });
}
