import type { StoredObject } from '../../operator/index.ts';
import type { Pod } from '../workload/pod.ts';

/** Kubernetes' defaults of a probe. */
const PERIOD_SECONDS = 10;
const FAILURE_THRESHOLD = 3;

type Container = NonNullable<NonNullable<Pod['spec']>['containers']>[number];

/**
 * Until when the probes of a pod allow its running, unready containers to start, milliseconds; undefined: none runs.
 * Counted from the start of the container, so each restart of a container starts it again. The whole time counts, also
 * if the startup probe succeeded earlier: when it did is not in the status.
 */
export function startsUntil({ spec, status }: StoredObject<Pod>): number | undefined {
  const times = (status?.containerStatuses ?? []).flatMap(({ name, ready, state }) => {
    const startedAt = Date.parse(state?.running?.startedAt ?? '');
    if (ready || Number.isNaN(startedAt)) return [];
    const container = spec?.containers?.find((one) => one.name === name);
    return [startedAt + (container ? startSecondsOf(container) : 0) * 1_000];
  });
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Seconds that a container may take to become ready. */
function startSecondsOf({ startupProbe, readinessProbe }: Container): number {
  const readiness = readinessProbe?.initialDelaySeconds ?? 0;
  if (!startupProbe) return readiness;
  const {
    initialDelaySeconds = 0,
    periodSeconds = PERIOD_SECONDS,
    failureThreshold = FAILURE_THRESHOLD,
  } = startupProbe;
  return Math.max(initialDelaySeconds + periodSeconds * failureThreshold, readiness);
}
