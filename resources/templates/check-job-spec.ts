import { timeoutOf } from '../api/check-spec.ts';
import type { CheckAttempt } from '../model/check-attempt.ts';
import { commonLabels } from '../model/labels.ts';
import { serviceAccountName } from '../model/object-names.ts';
import { addressVariables } from './component-environment.ts';
import { componentSecurity } from './component-security.ts';

/** Label of the Jobs of checks and of their pods, with the name of the check. */
export const CHECK = 'restapi.dev/check';

/** What the container asks for and may use: it must fit wherever the components do. */
const RESOURCES = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } };

/** The Job of an attempt: one pod, which is not tried again. */
export function checkJobSpec({ check, environment }: CheckAttempt): object {
  const { api, name, revision = '' } = environment;
  const { image, command, args, env = [] } = check.job ?? {};
  const security = componentSecurity();
  // Those the check names itself come last: the last one counts.
  const own = [
    ...addressVariables(environment),
    { name: 'ENVIRONMENT', value: name },
    { name: 'REVISION', value: revision },
  ].filter((one) => !env.some((other) => other.name === one.name));
  return {
    backoffLimit: 0,
    activeDeadlineSeconds: timeoutOf(check),
    template: {
      // The label of the RestAPI lets it in to the components. That of the environment would make it one: the preview
      // Service goes by it.
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
