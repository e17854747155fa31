import { ArgumentError } from '../../terminal/argument-error.ts';
import { printError } from '../../terminal/write.ts';
import { followUntil } from '../follow-until.ts';
import { findRestApi, getRestApi } from '../observe.ts';
import { readTimeSpan } from '../time-span.ts';
import { type Call, NO, type Verb, YES } from '../verb.ts';
import { isReady, waitsFor } from '../wait-state.ts';

const DEFAULT_TIMEOUT = '60s';

/** `kubectl restapi wait NAME --for=ready|deleted` */
export const wait: Verb = {
  name: 'wait',
  summary: 'Wait until a RestAPI is ready or deleted',
  details: [
    'A RestAPI is ready when the operator has reconciled its latest change and every component has all its pods (or needs none).',
    'It requires the right to get, list and watch restapis.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['for', 'timeout'],
  defaultTimeout: DEFAULT_TIMEOUT,
  requiredFlag: 'for',
  examples: ['kubectl restapi wait shop --for=ready --timeout=2m', 'kubectl restapi wait shop --for=deleted'],
  no: 'timeout, or the RestAPI was deleted while waiting for ready',
  run: async (call) => {
    const { flags } = call;
    if (!flags.for) throw new ArgumentError('wait requires --for=ready or --for=deleted');
    const timeout = flags.timeout ?? DEFAULT_TIMEOUT;
    const { yes, text } = await (flags.for === 'ready' ? untilReady(call, timeout) : untilDeleted(call, timeout));
    if (yes) call.screen.print([text]);
    else printError(text);
    return yes ? YES : NO;
  },
};

interface Outcome {
  yes: boolean;
  text: string;
}

async function untilReady({ args: [name = ''], lifetime, connect }: Call, timeout: string): Promise<Outcome> {
  const { signal } = lifetime;
  const timeoutMs = readTimeSpan(timeout);
  const cluster = connect();
  const who = `RestAPI ${cluster.namespace}/${name}`;
  const first = await getRestApi(cluster, name, signal);
  const { last } = await followUntil(cluster, name, {
    first,
    enough: (api) => api === undefined || isReady(api),
    timeoutMs,
    signal,
  });
  if (last === undefined) return { yes: false, text: `${who} was deleted` };
  return isReady(last)
    ? { yes: true, text: `${who} is ready` }
    : { yes: false, text: `${who} is not ready after ${timeout}: ${waitsFor(last)}` };
}

async function untilDeleted({ args: [name = ''], lifetime, connect }: Call, timeout: string): Promise<Outcome> {
  const { signal } = lifetime;
  const timeoutMs = readTimeSpan(timeout);
  const cluster = connect();
  const who = `RestAPI ${cluster.namespace}/${name}`;
  const first = await findRestApi(cluster, name, signal);
  const uid = first?.metadata.uid;
  // A RestAPI created later under the same name is another one.
  const enough = (api: typeof first) => api?.metadata.uid !== uid || api === undefined;
  const { last, done } = await followUntil(cluster, name, { first, enough, timeoutMs, signal });
  if (done) return { yes: true, text: `${who} is gone` };
  const why = last?.metadata.deletionTimestamp ? waitsFor(last) : 'no deletion was requested';
  return { yes: false, text: `${who} still exists after ${timeout}: ${why}` };
}
