import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { HTTPRoute } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';
import { ACCEPTED, GatewayController } from './gateway-controller.ts';

const ROUTES = 'httproutes.gateway.networking.k8s.io';
const GATEWAY = { name: 'public', namespace: 'infra', sectionName: 'https' };
const routed = (name: string) =>
  sample(name, { view: { expose: { host: `${name}.example.com`, gateway: GATEWAY, annotations: { 'a.b/c': 'd' } } } });

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator({ informerTimings: { unservedRetryMs: 300 } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const status = async (name: string) => (await world.restapi(name))?.status;
const says = (name: string, reason: string, text: string) =>
  eventually(
    async () => {
      const ready = (await status(name))?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.reason === reason && ready.message.includes(text);
    },
    { what: `${name} says ${reason}: ${text}` },
  );

test('in a cluster without the Gateway API, other RestAPIs work and one that asks for a Gateway says what is missing', async () => {
  await world.apply(sample('plain'), routed('shop'));
  await world.untilReady('plain');
  await says('shop', 'KindNotServed', 'HTTPRoute shop-view: this cluster does not serve HTTPRoute of');
  await says('shop', 'KindNotServed', 'install the CRD httproutes.gateway.networking.k8s.io, or disable what needs it');
  expect(await world.get('ingress', 'shop-view')).toBeUndefined();
  await eventually(async () => (await status('shop'))?.readyReplicas === 4);
});

test('installed later, the route is made; it is ready when the Gateway says so', async () => {
  await world.installGatewayApi();
  const route = await eventually(() => world.get<StoredObject<HTTPRoute>>(ROUTES, 'shop-view'));
  expect(route).toMatchObject({
    metadata: {
      annotations: { 'a.b/c': 'd' },
      ownerReferences: [{ kind: 'RestAPI', name: 'shop', controller: true }],
    },
    spec: {
      parentRefs: [GATEWAY],
      hostnames: ['shop.example.com'],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'shop', port: 3000 }] }],
    },
  });
  expect(await world.get('ingress', 'shop-view')).toBeUndefined();
  await says('shop', 'Progressing', 'HTTPRoute shop-view: no Gateway controller has processed it yet');
  const refused = { accepted: false, reason: 'NotAllowedByListeners', message: 'namespace default may not' };
  {
    await using _controller = new GatewayController(world.cluster, refused);
    const text = 'Accepted=False (NotAllowedByListeners): namespace default may not';
    await says('shop', 'Progressing', `HTTPRoute shop-view: example.com/gateway reports ${text}`);
  }
  await using _controller = new GatewayController(world.cluster, ACCEPTED);
  await world.untilReady('shop');
});

test('taken away and installed again while the operator runs', async () => {
  await world.uninstallGatewayApi();
  await says('shop', 'KindNotServed', 'install the CRD');
  await world.apply(sample('later'));
  await world.untilReady('later');
  await world.installGatewayApi();
  await eventually(() => world.get(ROUTES, 'shop-view'));
  await using _controller = new GatewayController(world.cluster, ACCEPTED);
  await world.untilReady('shop');
  expect((await world.generated('shop')).map(({ kind }) => kind)).toContain('HTTPRoute');
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  expect(await world.generated('shop')).toEqual([]);
});
