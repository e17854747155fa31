import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../../../operator/index.ts';
import { reportedActive } from '../../../src/blue-green/release-status.ts';
import { getThroughProxy } from '../../../src/services/service-proxy.ts';
import { shopImages } from '../../../src/tools/image/shop-images.ts';
import { SHOP_IMAGE } from '../../../src/tools/image/shop-versions.ts';
import { OPERATOR_USER, OperatorCluster } from '../../support/operator-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';

const VERSIONS = [
  { version: '1.0.0' },
  { version: '2.0.0' },
  { version: '3.0.0', env: { FAULTY_COMPONENT: 'repository', FAIL_PERCENT: '100' } },
];
const WAIT = { timeoutMs: 90_000 };
const image = (version: string) => `${SHOP_IMAGE}:${version}`;
const OFF = { enabled: false };

/** The entry component is the repository, which needs no other. */
const SHOP = {
  apiVersion: 'restapi.dev/v1alpha1',
  kind: 'RestAPI',
  metadata: { name: 'shop', namespace: 'default' },
  spec: {
    image: image('1.0.0'),
    healthCheck: { liveness: { timeoutSeconds: 5 }, readiness: { timeoutSeconds: 3 } },
    view: OFF,
    controller: OFF,
    model: OFF,
    repository: { resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { cpu: '1', memory: '192Mi' } } },
    blueGreen: {
      enabled: true,
      prePromotion: [{ name: 'orders', http: { path: '/api/orders' }, unknownAfterSeconds: 5 }],
    },
  },
};

describeOnRealNode('an operator outside the cluster', () => {
  let world: OperatorCluster;
  const tar = join(tmpdir(), `outside-shop-${process.pid}.tar`);

  beforeAll(async () => {
    await shopImages(tar, VERSIONS);
    world = await OperatorCluster.start({ realNodes: 1, images: [tar] });
    await world.startOperator();
  }, 600_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await rm(tar, { force: true });
  });

  const release = (version: string) =>
    world.kubectl(
      'patch',
      'restapi',
      'shop',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { image: image(version) } }),
    );

  test('checks a version through the API server, and judges only what its pods answer', async () => {
    await world.apply(SHOP);
    await world.untilReady('shop', WAIT);

    // The shipped ClusterRole does not allow services/proxy.
    await release('2.0.0');
    const waiting = await world.untilStatus('shop', 'no answer', ({ checks }) => checks?.result === 'Unknown', WAIT);
    const revision = waiting.release?.revision;
    expect(waiting.checks?.checks[0]?.message).toMatch(
      /forbidden.*cannot get resource "services\/proxy".*Grant get on services\/proxy in namespace default/,
    );
    expect(waiting).toMatchObject({ release: { phase: 'WaitingForPromotion' } });
    expect(waiting.rejections).toBeUndefined();

    await world.kubectl('create', 'role', 'proxy', '--verb=get', '--resource=services/proxy');
    await world.kubectl('create', 'rolebinding', 'proxy', '--role=proxy', `--user=${OPERATOR_USER}`);
    await world.kubectl('annotate', 'restapi', 'shop', `restapi.dev/retry=${revision}`);
    const good = await world.untilStatus(
      'shop',
      '2.0.0 is active',
      (status) => reportedActive(status)?.revision === revision,
      WAIT,
    );
    expect(good.checks?.checks[0]).toMatchObject({
      result: 'Passed',
      message: expect.stringMatching(
        /^GET http:\/\/shop-preview.default.svc:\d+\/api\/orders through the API server returned 200$/,
      ),
    });

    await release('3.0.0');
    const bad = await world.untilStatus('shop', 'rejected', ({ rejections = [] }) => rejections.length > 0, WAIT);
    expect(bad.rejections?.[0]?.message).toContain(
      '/api/orders through the API server returned 500, expected 200 to 299',
    );
  }, 400_000);

  test('knows what the API server answers by itself', async () => {
    const ports = [{ port: 80, targetPort: 8080 }];
    await world.apply(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'empty', namespace: 'default' },
        spec: { selector: { app: 'x' }, ports },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'closed', namespace: 'default' },
        spec: { selector: { 'restapi.dev/name': 'shop' }, ports: [{ port: 80, targetPort: 9 }] },
      },
    );
    const client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'test' });
    const ask = (service: string) =>
      getThroughProxy(client, { scheme: 'http', namespace: 'default', service, port: 80 }, '/', {
        timeoutMs: 5_000,
        maxBytes: 0,
        signal: new AbortController().signal,
      }).then(String, (error: Error) => error.message);
    expect(await ask('empty')).toMatch(/^the API server did not reach Service empty: no endpoints available/);
    expect(await ask('missing')).toMatch(/^the API server did not reach Service missing: .*not found/);
    expect(await ask('closed')).toMatch(
      /^the API server did not reach Service closed: .*(connection refused|ECONNREFUSED)/,
    );
    await client.close();
  });
});

test('with simulated pods, which answer nothing, a release waits for a person', async () => {
  await using world = await OperatorCluster.start();
  // As npm start: with the rights of the administrator.
  await world.startOperator({ kubeConfig: world.cluster.kubeConfig, checks: { route: 'none' } });
  await world.apply(SHOP);
  await world.untilReady('shop', WAIT);
  await world.kubectl(
    'patch',
    'restapi',
    'shop',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { image: image('2.0.0') } }),
  );
  const waiting = await world.untilStatus('shop', 'no answer', ({ checks }) => checks?.result === 'Unknown', WAIT);
  expect(waiting.checks?.checks[0]?.message).toMatch(/^not sent, as the operator has no route to Services/);
  expect(waiting).toMatchObject({ release: { phase: 'WaitingForPromotion' } });
  expect(waiting.rejections).toBeUndefined();
}, 200_000);
