/** The phases of a RestAPI, and what each means. */
export const PHASES = {
  Pending: 'A ConfigMap or Secret that pods need does not exist.',
  Progressing: 'The RestAPI is being rolled out; the condition `Ready` names what it waits for.',
  Ready: 'All pods of every component are ready.',
  Degraded: 'The RestAPI was ready with this very spec, and no longer is.',
  Stopped: 'Every component is scaled to 0.',
  Failed:
    'The spec is invalid, the API server rejected an object, a name is taken, or the cluster does not serve a kind; the condition `Ready` names the field or object and the remedy.',
  Deleting: 'The generated objects are being deleted.',
} as const;

/** The state of a RestAPI in one word. */
export type Phase = keyof typeof PHASES;
