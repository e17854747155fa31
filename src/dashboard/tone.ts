/** How a state is to be taken, which decides its colour and sign. */
export type Tone = 'good' | 'busy' | 'bad' | 'idle';

const TONES: Record<string, Tone> = {
  Ready: 'good',
  Progressing: 'busy',
  Pending: 'bad',
  Degraded: 'bad',
  Failed: 'bad',
  Stopped: 'idle',
  Deleting: 'idle',
};

/** The tone of a RestAPI's phase; one without has not been looked at yet. */
export function toneOf(phase: string | undefined): Tone {
  return (phase !== undefined && Object.hasOwn(TONES, phase) && TONES[phase]) || 'busy';
}
