import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { hookJobName } from '../model/hook-run.ts';
import { commonLabels } from '../model/labels.ts';
import { HOOK, hookJobSpec } from '../templates/hook-job-spec.ts';
import type { Job } from './check-job.ts';
import { ComponentServiceAccount } from './component-service-account.ts';
import { ConfigMapCopies } from './config-map-copies.ts';
import { EnvironmentConfigMap } from './environment-config-map.ts';
import { RepositoryClaim } from './repository-claim.ts';

/** Jobs of the hooks of a release. */
@DependentResource(RestAPI, {
  apiVersion: 'batch/v1',
  kind: 'Job',
  dependsOn: [ComponentServiceAccount, ConfigMapCopies, EnvironmentConfigMap, RepositoryClaim],
})
export class HookJob implements Dependent<RestAPI, Job, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): Job[] {
    return (decision?.hooks ?? []).map((run) => ({
      metadata: { name: hookJobName(run), labels: { ...commonLabels(api), [HOOK]: run.hook } },
      // A Job is immutable, and one that runs is not started again because its spec would be rendered otherwise by now.
      spec: run.stored ?? hookJobSpec(run),
    }));
  }
}
