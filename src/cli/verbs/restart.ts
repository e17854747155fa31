import type { Deployment } from '../../../resources/index.ts';
import { DEPLOYMENT, generatedSelector } from '../../workload/kinds.ts';
import { restartPatch } from '../../workload/restart-patch.ts';
import { FIELD_MANAGER } from '../cluster.ts';
import { deploymentsToRestart, readComponents } from '../deployments-to-restart.ts';
import { getRestApi, listAll } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi restart NAME [COMPONENT...]` */
export const restart: Verb = {
  name: 'restart',
  summary: 'Replace the pods of all components, or of some',
  details: [
    'It works like kubectl rollout restart: it sets the annotation kubectl.kubernetes.io/restartedAt of the pod template. New pods are ready before old ones stop, except for a repository whose volume only one pod can mount. To wait until all pods are replaced, run kubectl restapi wait NAME --for=ready.',
    'It requires the right to get restapis and to list and patch deployments.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'COMPONENT', names: 'component', optional: true, many: true },
  ],
  flags: [],
  examples: ['kubectl restapi restart shop', 'kubectl restapi restart shop model view'],
  run: async ({ args: [name = '', ...named], screen, lifetime: { signal }, connect }) => {
    readComponents(named);
    const cluster = connect();
    const { client, namespace } = cluster;
    const [api, deployments] = await Promise.all([
      getRestApi(cluster, name, signal),
      listAll<Deployment>(client, DEPLOYMENT, { namespace, labelSelector: generatedSelector(name), signal }),
    ]);
    const now = new Date();
    for (const deployment of deploymentsToRestart(api, deployments, named)) {
      // Forced, as kubectl rollout restart may own the annotation.
      const options = { fieldManager: FIELD_MANAGER, force: true, signal };
      await client.apply(DEPLOYMENT, restartPatch(deployment, now), options);
      screen.print([`Deployment ${deployment.metadata.name} restarted`]);
    }
    return YES;
  },
};
