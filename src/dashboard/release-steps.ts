import type { StoredObject } from '../../operator/index.ts';
import type { ReleasePhase, RestAPI } from '../../resources/index.ts';

/** One step of a release. */
export interface ReleaseStep {
  title: string;
  state: 'done' | 'now' | 'next';
}

/**
 * The steps of the release under way, and how far it is; none if there is none. Steps that the spec does not ask for are
 * left out. Pure.
 */
export function releaseSteps({ spec, status = {} }: StoredObject<RestAPI>): ReleaseStep[] {
  const { release } = status;
  if (!release) return [];
  const { environment, phase } = release;
  const settings = spec.blueGreen?.enabled ? spec.blueGreen : undefined;
  const titles: [title: string, phases: readonly ReleasePhase[]][] = [];
  if (phase === 'RollingBack') {
    titles.push([`Start all pods of ${environment}`, ['RollingBack']]);
  } else {
    titles.push([`Start pods in ${environment}`, ['Preparing']]);
    const checks = settings?.prePromotion?.length ?? 0;
    if (checks > 0) titles.push([checks === 1 ? 'Check it' : `Check it in ${checks} ways`, ['Checking']]);
    const holds = phase === 'Paused' || phase === 'WaitingForPromotion' || settings?.paused;
    const waits = settings && (!settings.autoPromotion?.enabled || settings.autoPromotion.seconds > 0);
    if (holds || waits) titles.push(['Wait to be promoted', ['Paused', 'WaitingForPromotion']]);
    titles.push(['Start all pods it needs', ['Promoting']]);
  }
  titles.push([`Send requests to ${environment}`, []]);
  const now = titles.findIndex(([, phases]) => phases.includes(phase));
  return titles.map(([title], at) => ({ title, state: at < now ? 'done' : at === now ? 'now' : 'next' }));
}
