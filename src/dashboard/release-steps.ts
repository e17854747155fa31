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
  const { release, activeEnvironment } = status;
  if (!release) return [];
  const { environment, phase } = release;
  const settings = spec.blueGreen?.enabled ? spec.blueGreen : undefined;
  const titles: [title: string, phases: readonly ReleasePhase[]][] = [];
  if (phase === 'RollingBack') {
    titles.push([`Pods of ${environment} are brought back`, ['RollingBack']]);
  } else {
    titles.push([`Pods are started in ${environment}`, ['Preparing']]);
    const checks = settings?.prePromotion?.length ?? 0;
    if (checks > 0) titles.push([`${checks === 1 ? 'A check is' : `${checks} checks are`} made`, ['Checking']]);
    const holds = phase === 'Paused' || phase === 'WaitingForPromotion' || settings?.paused;
    const waits = settings && (!settings.autoPromotion?.enabled || settings.autoPromotion.seconds > 0);
    if (holds || waits) titles.push(['Somebody, or time, lets it go on', ['Paused', 'WaitingForPromotion']]);
    titles.push(['All pods that are needed are started', ['Promoting']]);
  }
  titles.push([`Requests go to ${environment}${activeEnvironment ? ` instead of ${activeEnvironment}` : ''}`, []]);
  const now = titles.findIndex(([, phases]) => phases.includes(phase));
  return titles.map(([title], at) => ({ title, state: at < now ? 'done' : at === now ? 'now' : 'next' }));
}
