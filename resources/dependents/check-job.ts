import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { attemptName } from '../templates/attempt-name.ts';
import { CHECK, checkJobSpec } from '../templates/check-job-spec.ts';
import { ComponentServiceAccount } from './component-service-account.ts';

/** The fields of a Job that the operator uses. */
export interface Job extends KubernetesObject {
  spec: object;
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

/** Jobs of the checks of a release, one per attempt. Deleted when the release ends. */
@DependentResource(RestAPI, { apiVersion: 'batch/v1', kind: 'Job', dependsOn: [ComponentServiceAccount] })
export class CheckJob implements Dependent<RestAPI, Job, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): Job[] {
    return (decision?.jobs ?? []).map((attempt) => ({
      metadata: { name: attemptName(attempt), labels: { ...commonLabels(api), [CHECK]: attempt.check.name } },
      spec: checkJobSpec(attempt),
    }));
  }
}
