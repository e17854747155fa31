import { timeoutOf } from '../api/check-spec.ts';
import type { CheckAttempt } from '../model/check-attempt.ts';
import { commonLabels } from '../model/labels.ts';
import { serviceAccountName } from '../model/object-names.ts';
import { addressVariables } from './component-environment.ts';
import { componentSecurity } from './component-security.ts';

/** Label of check Jobs and their pods with the name of the check. */
export const CHECK = 'restapi.dev/check';

/** Resources of the container. Small enough to be scheduled wherever the components are. */
const RESOURCES = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } };

/** Returns the spec of the Job of a check attempt: one pod without retries. */
export function checkJobSpec({ check, environment }: CheckAttempt): object {
  const { api, name, revision = '' } = environment;
  const { image, command, args, env = [] } = check.job ?? {};
  const security = componentSecurity();
  // Variables of the check override these.
  const own = [
    ...addressVariables(environment),
    { name: 'ENVIRONMENT', value: name },
    { name: 'REVISION', value: revision },
  ].filter((one) => !env.some((other) => other.name === one.name));
  return {
    backoffLimit: 0,
    activeDeadlineSeconds: timeoutOf(check),
    template: {
      // The network policies allow pods with the label of the RestAPI. The label of the environment is left out: the
      // preview Service selects by it.
      metadata: { labels: { ...commonLabels(api), [CHECK]: check.name } },
      spec: {
        restartPolicy: 'Never',
        serviceAccountName: serviceAccountName(api),
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        imagePullSecrets: api.spec.imagePullSecrets,
        securityContext: security.pod,
        containers: [
          {
            name: 'check',
            image,
            command,
            args,
            env: [...own, ...env.map((one) => ({ name: one.name, value: one.value }))],
            resources: RESOURCES,
            securityContext: security.container,
          },
        ],
      },
    },
  };
}
