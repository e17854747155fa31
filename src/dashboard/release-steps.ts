import type { StoredObject } from '../../operator/index.ts';
import type { ReleasePhase, RestAPI } from '../../resources/index.ts';

/** One step of a release, as the dashboard shows it. */
export interface ReleaseStep {
  title: string;
  state: 'done' | 'now' | 'next';
}

const TRIAL_FIRST = 'Wait for the trial of the active version';
const OTHERS_FIRST = 'Wait for the releases of other RestAPIs';

/**
 * Returns the steps of the release in progress with their states, or none without a release. Steps that the spec does not
 * configure are left out. Pure.
 */
export function releaseSteps({ spec, status = {} }: StoredObject<RestAPI>): ReleaseStep[] {
  const { release } = status;
  if (!release) return [];
  const { environment, phase } = release;
  const settings = spec.blueGreen?.enabled ? spec.blueGreen : undefined;
  const titles: [title: string, phases: readonly ReleasePhase[]][] = [];
  if (phase === 'RollingBack') {
    titles.push([`Scale up ${environment}`, ['RollingBack']]);
  } else {
    if (phase === 'Queued') titles.push([release.queuedAt ? OTHERS_FIRST : TRIAL_FIRST, ['Queued']]);
    if (phase === 'Draining') titles.push([`End the earlier version in ${environment}`, ['Draining']]);
    if (settings?.hooks?.migrate) titles.push(['Migrate', ['Migrating']]);
    titles.push([`Start pods in ${environment}`, ['Preparing']]);
    const checks = settings?.prePromotion?.length ?? 0;
    if (checks > 0) titles.push([checks === 1 ? 'Run 1 check' : `Run ${checks} checks`, ['Checking']]);
    const holds = phase === 'Paused' || phase === 'WaitingForPromotion' || settings?.paused;
    const waits = settings && (!settings.autoPromotion?.enabled || settings.autoPromotion.seconds > 0);
    if (holds || waits) titles.push(['Wait for promotion', ['Paused', 'WaitingForPromotion']]);
    titles.push([`Scale up ${environment}`, ['Promoting']]);
  }
  titles.push([`Switch traffic to ${environment}`, []]);
  const now = titles.findIndex(([, phases]) => phases.includes(phase));
  return titles.map(([title], at) => ({ title, state: at < now ? 'done' : at === now ? 'now' : 'next' }));
}
