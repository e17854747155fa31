import type { Deployment } from '../../../resources/index.ts';
import { DEPLOYMENT, generatedSelector } from '../../workload/kinds.ts';
import { restartPatch } from '../../workload/restart-patch.ts';
import { FIELD_MANAGER } from '../cluster.ts';
import { deploymentsToRestart, readComponents } from '../deployments-to-restart.ts';
import { all, getRestApi } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi restart NAME [COMPONENT...]` */
export const restart: Verb = {
  name: 'restart',
  summary: 'replace the pods of all components, or of some',
  details: [
    'New pods serve before old ones go (but for a repository with a volume of one pod), as with kubectl rollout restart:',
    'the annotation kubectl.kubernetes.io/restartedAt of the pod template says when. It needs the right to patch',
    'deployments. kubectl restapi wait NAME --for=ready waits until all of it is done.',
  ],
  args: [
    { label: 'NAME', names: 'restapi' },
    { label: 'COMPONENT', names: 'component', optional: true, many: true },
  ],
  flags: [],
  run: async ({ args: [name = '', ...named], screen, lifetime: { signal }, connect }) => {
    readComponents(named);
    const cluster = connect();
    const { client, namespace } = cluster;
    const [api, deployments] = await Promise.all([
      getRestApi(cluster, name, signal),
      all<Deployment>(client, DEPLOYMENT, { namespace, labelSelector: generatedSelector(name), signal }),
    ]);
    const now = new Date();
    for (const deployment of deploymentsToRestart(api, deployments, named)) {
      // By force, as the annotation may be kubectl rollout restart's.
      const options = { fieldManager: FIELD_MANAGER, force: true, signal };
      await client.apply(DEPLOYMENT, restartPatch(deployment, now), options);
      screen.print([`Deployment ${deployment.metadata.name} restarted`]);
    }
    return YES;
  },
};
