import { hookTimeoutOf } from '../api/hook-spec.ts';
import type { HookRun } from '../model/hook-run.ts';
import { commonLabels } from '../model/labels.ts';
import { podTemplate } from './pod-template.ts';

/** Label of the Jobs of hooks and their pods with the name of the hook. */
export const HOOK = 'restapi.dev/hook';

/**
 * Returns the spec of the Job of a hook: one pod of a component, without retries. What belongs to serving is left out: probes,
 * ports, the wait before the end, and the labels and annotations by which Services, policies and monitors select pods.
 */
export function hookJobSpec({ hook, spec, environment }: HookRun): object {
  const component = spec.component ?? 'model';
  const { spec: pod } = podTemplate(environment, component) as { spec: { containers: Record<string, unknown>[] } };
  const [serving = {}] = pod.containers;
  const { ports, startupProbe, readinessProbe, livenessProbe, lifecycle, ...container } = serving;
  const isGiven = spec.command !== undefined || spec.args !== undefined;
  return {
    backoffLimit: 0,
    activeDeadlineSeconds: hookTimeoutOf(spec),
    template: {
      metadata: { labels: { ...commonLabels(environment.api), [HOOK]: hook } },
      spec: {
        ...pod,
        restartPolicy: 'Never',
        containers: [
          {
            ...container,
            ...(isGiven && { command: spec.command, args: spec.args }),
            // The last lines of a failed step come into the status this way.
            terminationMessagePolicy: 'FallbackToLogsOnError',
          },
        ],
      },
    },
  };
}
