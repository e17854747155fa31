import { ArgumentError } from '../../terminal/arguments.ts';
import { followUntil } from '../follow-until.ts';
import { findRestApi, getRestApi } from '../observe.ts';
import { readTimeSpan } from '../time-span.ts';
import { type Call, NO, type Verb, YES } from '../verb.ts';
import { isReady, waitsFor } from '../wait-state.ts';

const DEFAULT_TIMEOUT = '60s';

/** `kubectl restapi wait NAME --for=ready|deleted` */
export const wait: Verb = {
  name: 'wait',
  summary: 'wait until a RestAPI is ready, or gone',
  details: [
    'Ready means that the operator has looked at the latest change and every component has all its pods, or none is',
    'wanted. Exit code 1: it did not come true in time, or the RestAPI was deleted while it should become ready.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['for', 'timeout'],
  run: async (call) => {
    const { flags } = call;
    if (!flags.for) throw new ArgumentError('wait needs --for=ready or --for=deleted');
    const timeout = flags.timeout ?? DEFAULT_TIMEOUT;
    const { yes, text } = await (flags.for === 'ready' ? untilReady(call, timeout) : untilDeleted(call, timeout));
    if (yes) call.screen.print([text]);
    else process.stderr.write(`${text}\n`);
    return yes ? YES : NO;
  },
};

interface Answer {
  yes: boolean;
  text: string;
}

async function untilReady({ args: [name = ''], lifetime, connect }: Call, timeout: string): Promise<Answer> {
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

async function untilDeleted({ args: [name = ''], lifetime, connect }: Call, timeout: string): Promise<Answer> {
  const { signal } = lifetime;
  const timeoutMs = readTimeSpan(timeout);
  const cluster = connect();
  const who = `RestAPI ${cluster.namespace}/${name}`;
  const first = await findRestApi(cluster, name, signal);
  const uid = first?.metadata.uid;
  // One of the same name that came after it is another.
  const enough = (api: typeof first) => api?.metadata.uid !== uid || api === undefined;
  const { last, done } = await followUntil(cluster, name, { first, enough, timeoutMs, signal });
  if (done) return { yes: true, text: `${who} is gone` };
  const why = last?.metadata.deletionTimestamp ? waitsFor(last) : 'nobody has deleted it';
  return { yes: false, text: `${who} is still there after ${timeout}: ${why}` };
}
