import { GREEN, GREY, RED, YELLOW } from './text.ts';

/** The colour of each phase of a RestAPI. */
export const PHASE_COLOURS: Record<string, number> = {
  Ready: GREEN,
  Stopped: GREEN,
  Progressing: YELLOW,
  Degraded: RED,
  Failed: RED,
  Deleting: GREY,
};
