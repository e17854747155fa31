/** The severity of a state, which decides its colour and sign. */
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

/** Returns the tone of a phase; busy before the first reconcile. */
export function toneOf(phase: string | undefined): Tone {
  return (phase !== undefined && Object.hasOwn(TONES, phase) && TONES[phase]) || 'busy';
}
