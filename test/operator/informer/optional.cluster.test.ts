import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  type AuditMark,
  type ControlPlane,
  startControlPlane,
} from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { untilGranted } from '../../support/until-allowed.ts';
import { QUICK, type Recorded, recorded } from './support.ts';
import { WIDGET, widget, widgetCrd } from './widget.ts';

const READER = 'system:serviceaccount:default:reader';

let cluster: ControlPlane;
let admin: ApiClient;
/** May read widgets and nothing else. */
let reader: ApiClient;
/** May nothing. */
let nobody: ApiClient;
let open: Recorded | undefined;

const kubectl = async (args: string[], input?: string) => {
  const { exitCode, stderr, stdout } = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};
const install = async () => {
  await kubectl(['create', '-f', '-'], JSON.stringify(widgetCrd));
  await established(cluster, widgetCrd.metadata.name);
};
const uninstall = () => kubectl(['delete', 'crd', widgetCrd.metadata.name, '--timeout=60s']);

function follow(client: ApiClient, optional: boolean): Recorded {
  open = recorded(client, { type: WIDGET, optional });
  return open;
}

const readerRequests = async (mark: AuditMark): Promise<AuditEvent[]> => {
  const events = await cluster.auditSince(mark);
  // A watch is audited when it begins and when it ends.
  return events.filter(({ user, stage }) => user.username === READER && stage === 'ResponseComplete');
};

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  admin = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  const clientOf = async (account: string) => {
    await kubectl(['create', 'serviceaccount', account]);
    return new ApiClient({ kubeConfig: await cluster.serviceAccountKubeConfig('default', account), userAgent: 'test' });
  };
  reader = await clientOf('reader');
  nobody = await clientOf('nobody');
  // `kubectl create clusterrole` asks the server for the resource, which it does not serve yet.
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [WIDGET.group], resources: [WIDGET.plural], verbs: ['list', 'watch'] }],
  };
  await kubectl(['create', '-f', '-'], JSON.stringify(role));
  await kubectl(['create', 'clusterrolebinding', 'reader', '--clusterrole=reader', '--serviceaccount=default:reader']);
  await untilGranted(cluster, 'default', 'reader');
});

afterEach(() => open?.informer.stop());

afterAll(async () => {
  await Promise.all([admin?.close(), reader?.close(), nobody?.close()]);
  await cluster?.stop();
});

describe('an informer of a kind that is not served', () => {
  it('is synced and empty, logs that once, and checks again periodically', async () => {
    const mark = await cluster.auditMark();
    const run = follow(reader, true);
    await run.informer.synced(AbortSignal.timeout(60_000));
    expect(run.informer.served).toBe(false);
    expect(run.informer.list()).toEqual([]);
    const started = performance.now();
    await expect
      .poll(async () => (await readerRequests(mark)).length, { timeout: 60_000, interval: 50 })
      .toBeGreaterThanOrEqual(4);
    const requests = await readerRequests(mark);
    // One request per check, and no check before its time.
    expect(requests.length).toBeLessThanOrEqual(1 + (performance.now() - started) / (0.8 * QUICK.unservedRetryMs) + 1);
    expect(requests.every(({ responseStatus }) => responseStatus?.code === 404)).toBe(true);
    expect(run.log.filter((line) => !line.startsWith('debug'))).toEqual([
      `info Resource is not served (CRD not installed) {"resource":"widgets.example.com","retryEveryMs":${QUICK.unservedRetryMs}}`,
    ]);
    // Nothing that was written to it can be missing.
    expect(await run.informer.waitFor('123', 0)).toBe(true);
  });

  it('keeps trying without optional, and is not synced', async () => {
    const run = follow(reader, false);
    await eventually(() => run.log.some((line) => line.startsWith('warn') && line.includes('404')), {
      what: 'it complains',
      everyMs: 5,
    });
    expect(run.informer.hasSynced).toBe(false);
    expect(run.log.find((line) => line.startsWith('warn'))).toContain('install its CRD');
  });

  it('keeps trying where it lacks the rights, which the server checks first', async () => {
    const run = follow(nobody, true);
    await eventually(() => run.log.some((line) => line.startsWith('warn') && line.includes('403')), {
      what: 'it complains',
      everyMs: 5,
    });
    expect(run.informer.hasSynced).toBe(false);
    expect(run.informer.served).toBe(true);
    expect(run.log.find((line) => line.startsWith('warn'))).toContain('Grant the verbs list and watch');
  });
});

describe('an informer of a kind that is installed and removed repeatedly', () => {
  it('follows it whenever it is served, and reports objects removed with it as deleted', async () => {
    const run = follow(reader, true);
    let served = 0;
    run.informer.onServed(() => {
      served += 1;
    });
    await run.informer.synced(AbortSignal.timeout(60_000));

    for (const round of [1, 2]) {
      await install();
      await eventually(() => run.informer.served, { what: 'it is served', everyMs: 5 });
      expect(served).toBe(round);
      await admin.create(WIDGET, widget('a'));
      await eventually(() => run.informer.get('default', 'a') !== undefined, {
        what: 'the object is seen',
        everyMs: 5,
      });
      expect(await run.informer.waitFor('9999999', 0)).toBe(false);

      await uninstall();
      const [mark, began] = [await cluster.auditMark(), performance.now()];
      await eventually(() => !run.informer.served, { what: 'it is not served', everyMs: 5 });
      expect(run.informer.list()).toEqual([]);
      expect(run.informer.hasSynced).toBe(true);
      expect(run.story()).toEqual(Array(round).fill(['ADDED a', 'DELETED a']).flat());
      // Whatever the server does while it takes a kind down, it is not asked in a loop.
      const seconds = (performance.now() - began) / 1_000;
      expect((await readerRequests(mark)).length).toBeLessThan(10 + 5 * seconds);
    }
    expect(run.log.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('reports its objects as deleted when the server stops serving the kind but keeps them', async () => {
    await install();
    const run = follow(reader, true);
    await run.informer.synced(AbortSignal.timeout(60_000));
    await eventually(() => run.informer.served, { what: 'it is served', everyMs: 5 });
    await admin.create(WIDGET, widget('a'));
    const serve = (served: boolean) => {
      const patch = JSON.stringify([{ op: 'replace', path: '/spec/versions/0/served', value: served }]);
      return kubectl(['patch', 'crd', widgetCrd.metadata.name, '--type=json', '-p', patch]);
    };
    await eventually(() => run.informer.size === 1, { what: 'the object is seen', everyMs: 5 });
    await serve(false);
    await eventually(() => !run.informer.served, { what: 'it is not served', everyMs: 5 });
    expect(run.story()).toEqual(['ADDED a', 'DELETED a']);
    await serve(true);
    await eventually(() => run.informer.served, { what: 'it is served again', everyMs: 5 });
    expect(run.story()).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
    await uninstall();
  });
});
