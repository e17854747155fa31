import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

const ROLES = ['view', 'edit', 'admin'];

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  for (const role of ROLES) {
    await world.kubectl('create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}`);
  }
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** The verbs that a user has on a resource in the namespace default, sorted. */
async function verbs(user: string, resource: string): Promise<string[]> {
  const text = await world.kubectl('auth', 'can-i', '--list', '--as', user);
  const found = text.split('\n').flatMap((line) => {
    const [, name, list = ''] = /^(\S+)\s+\[\]\s+\[\]\s+\[(.*?)\]/.exec(line) ?? [];
    return name === resource ? list.split(' ') : [];
  });
  return [...new Set(found)].sort();
}

test.each(ROLES)('the role %s allows the same on RestAPIs as on Deployments', async (role) => {
  const own = role === 'view' ? [] : ['release', 'skip-checks'];
  const deployments = await verbs(role, 'deployments.apps');
  expect(deployments).toContain('watch');
  // The controller manager adds up the rules shortly after.
  const restapis = await eventually(async () => {
    const found = await verbs(role, 'restapis.restapi.dev');
    return found.length >= deployments.length + own.length && found;
  });
  expect(restapis).toEqual([...deployments, ...own].sort());
  expect(await verbs(role, 'restapis.restapi.dev/status')).toEqual(await verbs(role, 'deployments.apps/status'));
});

test('editors create, change and promote RestAPIs; viewers only read them', async () => {
  const as = async (user: string, args: string[], object?: object) => {
    const input = object && JSON.stringify(object);
    const { stdout, stderr } = await world.cluster.kubectl([...args, `--as=${user}`], { input });
    return stdout + stderr;
  };
  await eventually(async () => (await as('edit', ['apply', '-f', '-'], sample('shop'))).includes('created'));
  expect(await as('edit', ['annotate', 'restapi', 'shop', 'restapi.dev/promote=abc'])).toContain('annotated');
  expect(await as('view', ['get', 'restapi', 'shop', '-o=name'])).toBe('restapi.restapi.dev/shop\n');
  expect(await as('view', ['annotate', 'restapi', 'shop', 'restapi.dev/retry=abc'])).toContain('Forbidden');
  expect(await as('edit', ['delete', 'restapi', 'shop'])).toContain('deleted');
  expect(await as('edit', ['get', 'restapis', '-n', 'kube-system'])).toContain('Forbidden');
});
