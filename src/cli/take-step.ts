import { ApiError, customResourceOf, isConflict, type StoredObject, withDefaults } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import { reportedActive } from '../blue-green/release-status.ts';
import { printError } from '../terminal/write.ts';
import { type Cluster, FIELD_MANAGER } from './cluster.ts';
import { followUntil } from './follow-until.ts';
import { getRestApi } from './observe.ts';
import { OutdatedStatusError } from './outdated-status-error.ts';
import type { ReleaseStep } from './release-step.ts';
import { readTimeSpan } from './time-span.ts';
import { type Call, NO, YES } from './verb.ts';
import { waitsFor } from './wait-state.ts';

type Api = StoredObject<RestAPI>;
type Decide = (api: Api, cluster: Cluster) => ReleaseStep | Promise<ReleaseStep>;

/** During a release the operator writes the status often, and each of its writes causes a conflict. */
const TRIES = 20;
/** How long the operator may take to notice a change, in milliseconds. */
const NOTICED_MS = 10_000;
/** Default of --timeout. Longer than that of the verb wait, as releases take longer. */
export const STEP_TIMEOUT = '5m';

/**
 * Reads a RestAPI, decides what to change and writes that. If the RestAPI changes in between, reads and decides again.
 *
 * @param decide decides what to change. @throws Error for the user where that makes no sense
 * @returns the exit code
 */
export async function takeStep(call: Call, decide: Decide): Promise<number> {
  const { args, flags, screen, lifetime, connect } = call;
  const [name = ''] = args;
  const { timeout = STEP_TIMEOUT } = flags;
  const timeoutMs = readTimeSpan(timeout);
  const cluster = connect();
  const { signal } = lifetime;
  const dryRun = flags['dry-run'] ?? false;
  const { step, api, written } = await changed(cluster, name, { decide, dryRun, signal });
  const who = `RestAPI ${cluster.namespace}/${name}`;
  const already = written ? '' : ' (already requested, nothing changed)';
  screen.print([`${who}: ${step.message}${dryRun ? ' (dry run: nothing is written)' : already}`]);
  if (!flags.wait || dryRun || !step.until) return YES;
  const { yes, text } = await outcome(cluster, api, step.until, { timeoutMs, timeout, signal });
  if (yes) screen.print([`${who}: ${text}`]);
  else printError(`${who}: ${text}`);
  return yes ? YES : NO;
}

async function changed(
  cluster: Cluster,
  name: string,
  { decide, dryRun, signal }: { decide: Decide; dryRun: boolean; signal: AbortSignal },
): Promise<{ step: ReleaseStep; api: Api; written: boolean }> {
  const first = await getRestApi(cluster, name, signal);
  let api = first;
  for (let tries = 1; ; tries += 1) {
    try {
      const step = await decide(api, cluster);
      const patch = patchOf(api, step);
      if (!patch) return { step, api, written: false };
      const options = { dryRun, fieldManager: FIELD_MANAGER, signal };
      const type = customResourceOf(RestAPI);
      const stored = await cluster.client.mergePatch<Api>(type, cluster.namespace, name, patch, options);
      return { step, api: withDefaults(RestAPI, stored), written: true };
    } catch (error) {
      const retriable = error instanceof OutdatedStatusError || (error instanceof ApiError && isConflict(error));
      if (!retriable || tries >= TRIES) throw error;
      if (error instanceof OutdatedStatusError && !(await becomesCurrent(cluster, api, signal))) throw error;
    }
    api = await getRestApi(cluster, name, signal);
    if (api.metadata.uid !== first.metadata.uid) {
      throw new Error(
        `RestAPI ${cluster.namespace}/${name} was deleted and created again in the meantime. Run the command again`,
      );
    }
  }
}

/** Waits until the status of a RestAPI is about its spec, as right after `kubectl apply` it is not. @returns whether it is, or may be: the RestAPI is gone */
async function becomesCurrent(cluster: Cluster, api: Api, signal: AbortSignal): Promise<boolean> {
  const enough = (seen: Api | undefined) => seen?.status?.observedGeneration === seen?.metadata.generation;
  const { done } = await followUntil(cluster, api.metadata.name, {
    first: api,
    enough,
    timeoutMs: NOTICED_MS,
    signal,
  });
  return done;
}

/**
 * The part of a step that is not in effect yet; undefined if all of it is. The API server rejects it if the RestAPI has
 * changed since it was read.
 */
function patchOf({ metadata, spec }: Api, { annotations = {}, paused }: ReleaseStep): object | undefined {
  const changes = Object.entries(annotations).filter(([key, value]) => (metadata.annotations?.[key] ?? null) !== value);
  const pause = paused !== undefined && spec.blueGreen?.paused !== paused;
  if (changes.length === 0 && !pause) return undefined;
  return {
    metadata: {
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      ...(changes.length > 0 && { annotations: Object.fromEntries(changes) }),
    },
    ...(pause && { spec: { blueGreen: { paused } } }),
  };
}

/** Waits for the outcome of a step. */
async function outcome(
  cluster: Cluster,
  first: Api,
  until: NonNullable<ReleaseStep['until']>,
  { timeoutMs, timeout, signal }: { timeoutMs: number; timeout: string; signal: AbortSignal },
): Promise<{ yes: boolean; text: string }> {
  const { name, uid } = first.metadata;
  const came = (api: Api) =>
    until === 'no release'
      ? !api.status?.release
      : reportedActive(api.status)?.revision === until.active && !api.status?.release;
  // Until the operator reconciles the change, the status describes the previous release.
  let begun = false;
  const over = (api: Api | undefined) => {
    if (api?.metadata.uid !== uid) return true;
    const isIt = until !== 'no release' && api?.status?.release?.revision === until.active;
    const ended = begun && !isIt;
    begun ||= isIt;
    return came(api as Api) || ended;
  };
  const { last, done } = await followUntil(cluster, name, { first, enough: over, timeoutMs, signal });
  if (last?.metadata.uid !== uid) return { yes: false, text: 'the RestAPI was deleted' };
  const api = last as Api;
  const { revision, name: environment } = reportedActive(api.status) ?? {};
  const is = `revision ${revision} is active in environment ${environment}`;
  if (came(api)) return { yes: true, text: is };
  const aspect = ['Aborted', 'Progressing'].flatMap(
    (type) => api.status?.conditions?.find((one) => one.type === type && one.status === 'True') ?? [],
  )[0];
  const why = aspect?.message ?? waitsFor(api);
  return { yes: false, text: done ? `the release did not succeed: ${why}` : `timed out after ${timeout}: ${why}` };
}
