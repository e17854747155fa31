import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ControlPlane,
  ensureBinaries,
  startControlPlane,
  startSlowWebhook,
} from '../../../operator/testkit/index.ts';
import { GATEWAY_IP, GATEWAY_MAC } from '../../../operator/testkit/node/node-config.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { ask, create, fieldOf, startWeb, untilServed, webImage, webPodSpec } from '../../support/real-node/web-pods.ts';
import { untilAllowed } from '../../support/until-allowed.ts';

describeOnRealNode('two real nodes', () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    await using image = await webImage();
    cluster = await startControlPlane({ realNodes: 2, images: [image.tar] });
    await Promise.all([startWeb(cluster, 'zero', { node: 'real-0' }), startWeb(cluster, 'one', { node: 'real-1' })]);
    await untilServed(cluster, ['zero', 'one'], ['zero', 'one']);
  }, 900_000);
  afterAll(() => cluster?.stop());

  const answer = (target: string, path = '/') => ask(cluster, target, path);
  const ipOf = (pod: string) => fieldOf(cluster, `pod ${pod}`, '{.status.podIP}');
  /** Waits until the Service accepts connections. */
  const untilConnected = async (service: string) => {
    const address = `${await fieldOf(cluster, `service ${service}`, '{.spec.clusterIP}')}:80`;
    await eventually(async () => (await cluster.connect(address)).destroy(), { what: `a connection to ${service}` });
  };
  const fetchFrom = async (pod: string, url: string) =>
    answer(`${await ipOf(pod)}:8080`, `/fetch?url=${encodeURIComponent(url)}`);

  test('pods run on both nodes, each with an address of its node', async () => {
    expect(cluster.realNodes.map(({ name, ip }) => [name, ip])).toEqual([
      ['real-0', '10.0.0.2'],
      ['real-1', '10.0.0.3'],
    ]);
    expect(await ipOf('zero')).toMatch(/^10\.244\.0\./);
    expect(await ipOf('one')).toMatch(/^10\.244\.1\./);
  });

  test('the gateway keeps its hardware address when nodes come and go', async () => {
    // The bridge would have the lowest address of its ports, which are random.
    for (const node of cluster.realNodes) {
      const { stdout } = await node.run(['ip', 'neigh', 'show', GATEWAY_IP]);
      expect(stdout).toContain(`lladdr ${GATEWAY_MAC} `);
    }
  });

  test.each([
    ['zero', 'one'],
    ['one', 'zero'],
    ['zero', 'zero'],
  ])('the pod %s reaches the pod %s by the name of its Service', async (from, to) => {
    const answer = await fetchFrom(from, `http://${to}.default.svc.cluster.local/`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(`"pod":"${to}"`) });
  });

  test('the test reaches a pod and a Service of either node, and a large answer arrives whole', async () => {
    for (const name of ['zero', 'one']) {
      const service = `${await fieldOf(cluster, `service ${name}`, '{.spec.clusterIP}')}:80`;
      expect((await answer(service)).pod).toBe(name);
      expect((await answer(`${await ipOf(name)}:8080`)).pod).toBe(name);
      expect(await answer(service, `/big?bytes=${5 * 1024 ** 2}`)).toHaveLength(5 * 1024 ** 2);
    }
  });

  test('a connection that cannot be made is reported with its target and the reason', async () => {
    await expect(cluster.connect(`${await ipOf('zero')}:9`)).rejects.toThrow(/10\.244\.0\.\d+:9.*ECONNREFUSED/);
    await using port = await cluster.forward('10.0.0.2:9');
    await expect(fetch(`http://127.0.0.1:${port.port}/`)).rejects.toThrow('fetch failed');
  });

  test('kubectl logs, exec and port-forward work', async () => {
    expect(await kubectl(cluster, ['logs', 'one'])).toBe('one listens\n');
    const script = 'process.stdout.write(require("os").hostname() + require("fs").readFileSync(0, "utf8"))';
    const command = ['exec', '-i', 'one', '--', '/nodejs/bin/node', '-e', script];
    expect(await kubectl(cluster, command, ' was asked')).toBe('one was asked');
    const failing = await cluster.kubectl(['exec', 'zero', '--', '/nodejs/bin/node', '-e', 'process.exit(3)']);
    expect(failing.stderr).toContain('exit code 3');

    const { kubeconfigPath } = cluster;
    const program = (await ensureBinaries(['kubectl'])).get('kubectl') ?? '';
    const forwarding = spawn(program, [`--kubeconfig=${kubeconfigPath}`, 'port-forward', 'service/one', ':80']);
    try {
      const [printed] = (await once(forwarding.stdout, 'data')) as [Buffer];
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(printed.toString()) ?? [];
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect(((await response.json()) as { pod: string }).pod).toBe('one');
    } finally {
      forwarding.kill('SIGKILL');
    }
  });

  test('a pod asks the API server by the Service kubernetes with its token', async () => {
    await kubectl(cluster, ['create', 'rolebinding', 'view', '--clusterrole=view', '--serviceaccount=default:default']);
    await untilAllowed(cluster, {
      user: 'system:serviceaccount:default:default',
      resourceAttributes: { verb: 'get', resource: 'services', namespace: 'default' },
    });
    const url = encodeURIComponent('https://kubernetes.default.svc/api/v1/namespaces/default/services/zero');
    const { status, body } = await answer(`${await ipOf('one')}:8080`, `/fetch?token=1&url=${url}`);
    expect(status).toBe(200);
    expect(JSON.parse(body ?? '').metadata.name).toBe('zero');
  });

  test('the API server asks an admission webhook on this machine', async () => {
    await kubectl(cluster, ['create', 'namespace', 'hooked']);
    const kinds = [{ group: '', plural: 'configmaps' }];
    await using webhook = await startSlowWebhook(cluster, { name: 'near', delayMs: 0, kinds, namespaces: ['hooked'] });
    const kubeConfig = await cluster.kubeConfigFor({ name: 'somebody' });
    await kubectl(cluster, ['create', 'rolebinding', 'edit', '--clusterrole=edit', '--user=somebody', '-n=hooked']);
    await eventually(async () => {
      await cluster.kubectl(['create', 'configmap', `asked-${Date.now()}`, '-n=hooked'], { kubeConfig });
      return webhook.asked > 0;
    });
  });

  test('the API server asks an admission webhook and an aggregated API that run as pods', async () => {
    const { cert, key } = await cluster.issueServerCertificate('hook', ['hook.default.svc']);
    const env = [
      { name: 'TLS_CERT', value: cert },
      { name: 'TLS_KEY', value: key },
    ];
    const readinessProbe = { httpGet: { path: '/', port: 8080, scheme: 'HTTPS' }, periodSeconds: 1 };
    await startWeb(cluster, 'hook', { node: 'real-1', container: { env, readinessProbe } });
    await untilConnected('hook');

    await create(cluster, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.aggregated.example.com' },
      spec: {
        group: 'aggregated.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: Buffer.from(cluster.caCert).toString('base64'),
        service: { namespace: 'default', name: 'hook', port: 80 },
      },
    });
    // A first look that came too early is repeated after 5 s, then after 10 s.
    const available = '{.status.conditions[?(@.type=="Available")].status}';
    await eventually(
      async () => (await fieldOf(cluster, 'apiservice v1.aggregated.example.com', available)) === 'True',
      { timeoutMs: 120_000, what: 'the aggregated API is available' },
    );
    // The part of the server that leads requests there hears of it a moment later.
    const resources = await eventually(() => kubectl(cluster, ['get', '--raw', '/apis/aggregated.example.com/v1']));
    expect(JSON.parse(resources).groupVersion).toBe('aggregated.example.com/v1');
    await kubectl(cluster, ['delete', 'apiservice/v1.aggregated.example.com']);

    await kubectl(cluster, ['create', 'namespace', 'guarded']);
    await create(cluster, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'guard' },
      webhooks: [
        {
          name: 'guard.example.com',
          clientConfig: {
            service: { namespace: 'default', name: 'hook', path: '/reject', port: 80 },
            caBundle: Buffer.from(cluster.caCert).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['*'], operations: ['CREATE'], resources: ['configmaps'] }],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'guarded' } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    await eventually(async () => {
      const { stderr } = await cluster.kubectl(['create', 'configmap', `c-${Date.now()}`, '-n=guarded']);
      return stderr.includes('rejected by hook');
    });
  });

  test('a container that needs more memory than its limit is OOMKilled and restarted', async () => {
    const resources = { limits: { memory: '128Mi' } };
    await startWeb(cluster, 'hungry', { container: { resources } });
    await answer(`${await ipOf('hungry')}:8080`, '/memory?mib=512').catch(() => {});
    const reason = '{.status.containerStatuses[0].lastState.terminated.reason}';
    await eventually(async () => (await fieldOf(cluster, 'pod hungry', reason)) === 'OOMKilled');
    expect(await fieldOf(cluster, 'pod hungry', '{.status.containerStatuses[0].restartCount}')).toBe('1');
  });

  test('a pod of Pod Security restricted runs, with a read-only root', async () => {
    await kubectl(cluster, ['create', 'namespace', 'strict']);
    await kubectl(cluster, ['label', 'namespace', 'strict', 'pod-security.kubernetes.io/enforce=restricted']);
    const container = {
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    };
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
    const spec = webPodSpec({ container, spec: { securityContext, volumes: [{ name: 'scratch', emptyDir: {} }] } });
    await create(cluster, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'strict', namespace: 'strict' }, spec });
    await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/strict', '-n=strict', '--timeout=120s']);
    const ip = await kubectl(cluster, ['get', 'pod', 'strict', '-n=strict', '-o=jsonpath={.status.podIP}']);
    expect((await answer(`${ip}:8080`, '/write?path=/app/file')).code).toBe('EROFS');
    expect((await answer(`${ip}:8080`, '/write?path=/scratch/file')).code).toBeUndefined();
  });

  test('a hostPath volume is of the node, not of the machine', async () => {
    const path = '/var/lib/testkit-host-path';
    const user = { securityContext: { runAsUser: 0 } };
    await startWeb(cluster, 'host', {
      node: 'real-0',
      spec: { volumes: [{ name: 'host', hostPath: { path, type: 'DirectoryOrCreate' } }] },
      container: { volumeMounts: [{ name: 'host', mountPath: '/host' }], ...user },
    });
    expect((await answer(`${await ipOf('host')}:8080`, '/write?path=/host/file')).code).toBeUndefined();
    const [zero, one] = cluster.realNodes;
    expect(await zero?.run(['cat', `${path}/file`])).toEqual({ exitCode: 0, stdout: 'written', stderr: '' });
    expect((await one?.run(['cat', `${path}/file`]))?.exitCode).toBe(1);
    expect(existsSync(path)).toBe(false);
  });
});
