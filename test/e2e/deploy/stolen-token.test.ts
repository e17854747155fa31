import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient, ApiError, type KubernetesObject, type StoredObject } from '../../../operator/index.ts';
import { operatorPolicies } from '../../../src/tools/operator-policy.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { type Attack, DENIED, LABELS, LISTED, OTHER, OWNER, SERVED } from './attacks/attack.ts';
import { ATTACKS } from './attacks/index.ts';
import { writeNamespacedOverlay } from './overlays.ts';

const POLICIES = ['objects', 'workloads', 'others'].map((part) => `restapi-operator-${part}`);
const BINDINGS = POLICIES.map((name) => `validatingadmissionpolicybinding/${name}`);
/** A write that the policies deny, to see when they take effect. */
const FIRST = ATTACKS[1] as Attack;

/** Status and message of the API server for one attack. */
interface Answer {
  status: number;
  message: string;
}

let world: OperatorCluster;
let thief: ApiClient;
let uid: string;
const answers: Record<'rbac' | 'policies' | 'namespaced', Answer[]> = { rbac: [], policies: [], namespaced: [] };

beforeAll(async () => {
  world = await OperatorCluster.start({ audit: false });
  // The token of the ServiceAccount, from the TokenRequest API.
  thief = new ApiClient({ kubeConfig: world.operatorConfig, userAgent: 'thief' });
  await world.apply(...VICTIMS);
  const shop = await eventually(() => world.restapi('shop', SERVED));
  await world.apply(generatedFor(shop));
  uid = await eventually(async () => (await world.get('pod', 'payments', SERVED))?.metadata.uid);
  await eventually(() => world.get('configmap', 'kube-root-ca.crt', SERVED));
  await eventually(async () => (await play(FIRST)).status === 403, { what: 'the policies take effect' });
  for (const one of ATTACKS) answers.policies.push(await play(one));
  await world.kubectl('delete', ...BINDINGS);
  await eventually(async () => (await play(FIRST)).status < 300, { what: 'the policies are gone' });
  for (const one of ATTACKS) answers.rbac.push(await play(one));
  const overlay = await writeNamespacedOverlay(join(world.cluster.dir, 'namespaced'));
  await world.kubectl('apply', '-k', overlay);
  await world.kubectl('delete', 'clusterrolebinding', 'restapi-operator');
  await eventually(async () => (await play({ ...FIRST, method: 'GET', body: undefined })).status === 403);
  await eventually(async () => (await play(withoutOwner())).status === 403, { what: 'the policies take effect again' });
  for (const one of ATTACKS) answers.namespaced.push(await play(one));
}, 120_000);
afterAll(async () => {
  await thief?.close();
  await world?.[Symbol.asyncDispose]();
});

/** Sends the request of an attack as a dry run: RBAC and admission are those of the real one. */
async function play({ method, path, body }: Attack): Promise<Answer> {
  const [bare = '', search = ''] = path.split('?');
  const query = { ...Object.fromEntries(new URLSearchParams(search)), ...(method !== 'GET' && { dryRun: 'All' }) };
  const merge = path.includes('restapi.dev') ? 'merge-patch' : 'strategic-merge-patch';
  const contentType = method === 'PATCH' ? `application/${merge}+json` : 'application/json';
  const sent = body && JSON.parse(JSON.stringify(body).replaceAll('"UID"', `"${uid}"`));
  try {
    await thief.request({ method, path: bare, query, contentType, body: sent, retry: 'never' });
    return { status: 200, message: '' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, message: error.message };
  }
}

function withoutOwner(): Attack {
  const found = ATTACKS.find(({ does }) => does === 'Deployment without a RestAPI as owner');
  if (!found) throw new Error('the attack is missing');
  return found;
}

const there = (apiVersion: string, kind: string, name: string, rest: object, namespace = SERVED): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...rest,
});
const namespace = (name: string, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, annotations },
});
const pod = {
  containers: [{ name: 'app', image: 'payments:1', resources: { requests: { cpu: '1m' } } }],
};
const selector = { matchLabels: { app: 'payments' } };
const template = { metadata: { labels: { app: 'payments' } }, spec: pod };
const backend = { service: { name: 'payments', port: { number: 80 } } };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payments' };

/** Another application, and a RestAPI. */
const VICTIMS = [
  namespace(SERVED),
  namespace(OTHER),
  namespace(LISTED, { 'restapi.dev/service-accounts': 'reports, mails' }),
  there('v1', 'ConfigMap', 'payments', { data: {} }),
  there('v1', 'Secret', 'db', {}),
  there('v1', 'Secret', 'db', {}, OTHER),
  there('v1', 'ServiceAccount', 'deployer', {}),
  there('v1', 'Service', 'payments', { spec: { selector: selector.matchLabels, ports: [{ port: 80 }] } }),
  there('v1', 'Pod', 'payments', { spec: pod }),
  there('v1', 'Pod', 'dns', { spec: pod }, 'kube-system'),
  there('v1', 'PersistentVolumeClaim', 'payments', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  there('apps/v1', 'Deployment', 'payments', { spec: { selector, template } }),
  there('apps/v1', 'ControllerRevision', 'payments-1', { revision: 1, data: {} }),
  there('batch/v1', 'Job', 'backup', { spec: { template: { spec: { ...pod, restartPolicy: 'Never' } } } }),
  there('policy/v1', 'PodDisruptionBudget', 'payments', { spec: { maxUnavailable: 1, selector } }),
  there('autoscaling/v2', 'HorizontalPodAutoscaler', 'payments', { spec: { maxReplicas: 2, scaleTargetRef: target } }),
  there('networking.k8s.io/v1', 'NetworkPolicy', 'payments', { spec: { podSelector: selector } }),
  there('networking.k8s.io/v1', 'Ingress', 'payments', { spec: { defaultBackend: backend } }),
  there('coordination.k8s.io/v1', 'Lease', 'restapi-operator', { spec: {} }, 'restapi-system'),
  {
    ...sample('shop', {}, SERVED),
    metadata: {
      name: 'shop',
      namespace: SERVED,
      annotations: { 'example.com/note': 'theirs', 'restapi.dev/reject': 'abc' },
      finalizers: ['restapi.dev/finalizer', 'example.com/theirs'],
    },
  },
];

/** A Deployment as the operator generates it. */
function generatedFor({ metadata }: StoredObject): object {
  return {
    ...there('apps/v1', 'Deployment', 'shop-view', {}),
    metadata: {
      name: 'shop-view',
      namespace: SERVED,
      labels: LABELS,
      ownerReferences: [{ ...OWNER, uid: metadata.uid }],
    },
    spec: {
      selector: { matchLabels: { 'restapi.dev/name': 'shop' } },
      template: {
        metadata: { labels: { 'restapi.dev/name': 'shop' } },
        spec: {
          serviceAccountName: 'shop-app',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'view',
              image: 'shop:1',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  };
}

test('there are at least 60 attacks, each with a name of its own', () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(ATTACKS.map(({ does }) => does)).size).toBe(ATTACKS.length);
});

describe.each([
  ['RBAC alone', 0, answers.rbac],
  ['the policies', 1, answers.policies],
  ['the policies and components/namespaced', 2, answers.namespaced],
] as const)('with %s, a stolen token', (_, column, given) => {
  test.each(ATTACKS.map((one, index) => [one.accepted[column] ? 'can' : 'cannot', one.does, one, index] as const))(
    '%s: %s',
    (_can, _does, { accepted }, index) => {
      const answer = given[index];
      // A mistake in the request itself would be answered 400, 404 or 422.
      expect(answer, answer?.message).toMatchObject({ status: accepted[column] ? 200 : 403 });
    },
  );
});

test('it is the policies that deny what RBAC allows', () => {
  const denied = ATTACKS.flatMap(({ does, accepted }, index) =>
    accepted.join() === DENIED.join() ? [[does, answers.policies[index]?.message] as const] : [],
  );
  expect(denied.length).toBeGreaterThan(50);
  expect(denied.filter(([, message]) => !POLICIES.some((name) => message?.includes(`'${name}'`)))).toEqual([]);
});

test('each expression of the policies denies an attack', () => {
  const policies = operatorPolicies() as { spec: { validations?: { message: string }[] } }[];
  const messages = policies.flatMap(({ spec }) => spec.validations ?? []).map(({ message }) => message);
  expect(messages.length).toBeGreaterThan(25);
  const given = answers.policies.map(({ message }) => message);
  // RBAC already denies writes of other Secrets.
  given.push('the operator writes only the Secret of its hash key');
  expect(messages.filter((message) => !given.some((denial) => denial.includes(message)))).toEqual([]);
});
