import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { scalingRecordName } from '../model/object-names.ts';
import type { ConfigMap } from './environment-config-map.ts';

/** Key with the time of the last write, RFC 3339. */
export const SCALING_SAVED_AT = 'savedAt';

/** ConfigMap with the load history, which survives restarts of the operator. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ConfigMap' })
export class ScalingRecord implements Dependent<RestAPI, ConfigMap, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): ConfigMap[] {
    if (!decision?.learned) return [];
    return [{ metadata: { name: scalingRecordName(api), labels: commonLabels(api) }, data: decision.learned }];
  }
}
