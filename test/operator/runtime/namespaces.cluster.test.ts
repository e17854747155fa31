import { Type } from 'class-transformer';
import { IsString, ValidateNested } from 'class-validator';
import { expect, test } from 'vitest';
import {
  Controller,
  CustomResource,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  type Logger,
  leaseRules,
  OnAdded,
  OnDeleted,
  OnModified,
  Operator,
  type ReconcileContext,
  type ResourceEvent,
  rbacRules,
  type StoredObject,
} from '../../../operator/index.ts';
import { type AuditEvent, BEFORE_ALL } from '../../../operator/testkit/audit.ts';
import { eventually } from '../../support/eventually.ts';
import { PlainCluster } from '../../support/plain-cluster.ts';
import { untilGranted } from '../../support/until-allowed.ts';

/** An operator for the namespaces red and blue of three, with no rights in any other but for its Lease in its own. */
class NoteSpec {
  @IsString()
  secret!: string;
}

@CustomResource({ group: 'notes.dev', version: 'v1', kind: 'Note', plural: 'notes', scope: 'Namespaced', status: true })
class Note {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => NoteSpec)
  spec!: NoteSpec;
}

@DependentResource(Note, { apiVersion: 'v1', kind: 'ConfigMap' })
class NoteCard implements Dependent<Note> {
  desired({ metadata }: Note): KubernetesObject {
    return { metadata: { name: `${metadata.name}-card` } };
  }
}

@Controller<Note>({
  resource: Note,
  finalizer: 'notes.dev/finalizer',
  references: ({ spec }) => [{ apiVersion: 'v1', kind: 'Secret', name: spec.secret }],
  referenceKinds: [{ apiVersion: 'v1', kind: 'Secret' }],
})
class NoteController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Note>) {
    const { notReady } = await context.apply();
    return { status: { missing: notReady.length, hash: context.references[0]?.hash ?? 'none' } };
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<Note>) {
    await context.deleteDependents();
    return { keepFinalizer: context.observed(NoteCard).length > 0 };
  }
}

const RBAC = 'rbac.authorization.k8s.io';
const NAME = 'noter';
const USER = `system:serviceaccount:${NAME}:${NAME}`;
const ALL = ['red', 'blue', 'green'];

function binding(namespace: string, kind: 'Role' | 'ClusterRole'): object {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { name: NAME, namespace },
    roleRef: { apiGroup: RBAC, kind, name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAME }],
  };
}

const note = (namespace: string, name: string) => ({
  apiVersion: 'notes.dev/v1',
  kind: 'Note',
  metadata: { namespace, name },
  spec: { secret: 'key' },
});

/** The open watches of the operator, as `notes in red`. */
function openWatches(events: readonly AuditEvent[]): string[] {
  const watches = events.filter(({ verb, responseStatus }) => verb === 'watch' && responseStatus?.code === 200);
  const ended = new Set(watches.filter(({ stage }) => stage === 'ResponseComplete').map(({ auditID }) => auditID));
  return watches
    .filter(
      ({ stage, auditID, objectRef }) =>
        stage === 'ResponseStarted' && !ended.has(auditID) && objectRef?.resource !== 'leases',
    )
    .map(({ objectRef }) => `${objectRef?.resource} in ${objectRef?.namespace}`)
    .sort();
}

test('an operator for two namespaces serves both, asks for nothing elsewhere, and goes on in one without the other', async () => {
  await using plain = await PlainCluster.serving(Note);
  const { cluster } = plain;
  const role = { apiVersion: `${RBAC}/v1`, metadata: { name: NAME } };
  for (const namespace of [...ALL, NAME]) await plain.kubectl(['create', 'namespace', namespace]);
  await plain.kubectl(['create', 'serviceaccount', NAME, '-n', NAME]);
  await plain.apply({ ...role, kind: 'ClusterRole', rules: rbacRules([NoteController]) });
  await plain.apply({ ...role, kind: 'Role', metadata: { name: NAME, namespace: NAME }, rules: leaseRules(NAME) });
  await plain.apply(binding(NAME, 'Role'));
  await plain.apply(binding('red', 'ClusterRole'));
  for (const namespace of ALL) {
    await plain.kubectl(['create', 'secret', 'generic', 'key', '-n', namespace, `--from-literal=of=${namespace}`]);
    await plain.apply(note(namespace, 'first'));
  }
  await untilGranted(cluster, NAME, NAME);
  const events = async () => {
    const all = await cluster.auditSince(BEFORE_ALL);
    return all.filter(({ user }) => user.username === USER);
  };
  const found = async (namespace: string, kind: string, name: string) => {
    const args = ['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found'];
    const printed = await plain.kubectl(args);
    return printed === '' ? undefined : JSON.parse(printed);
  };
  const hasCard = async (namespace: string, name: string) => {
    const { status } = (await found(namespace, 'note', name)) ?? {};
    return status?.missing === 0 && (await found(namespace, 'configmap', `${name}-card`)) !== undefined;
  };

  const warnings: string[] = [];
  const warn = (_message: string, fields?: object) => void warnings.push(JSON.stringify(fields));
  const logger = { debug() {}, info() {}, warn, error: warn } as Logger;
  const operator = new Operator({
    name: NAME,
    kubeConfig: await cluster.serviceAccountKubeConfig(NAME, NAME),
    logger,
    namespaces: ['red', 'blue', 'red'],
    controllers: [NoteController],
    leaderElection: { namespace: NAME, name: NAME, identity: 'a' },
    healthAddress: '127.0.0.1:0',
    informerTimings: { watchTimeoutSeconds: [2, 3], backoffMs: [50, 500] },
  });
  try {
    // A namespace without rights is named; the operator begins when it can watch all.
    const started = operator.start();
    started.catch(() => undefined);
    const readyz = async () => (await fetch(`http://127.0.0.1:${operator.healthPort}/readyz`)).text();
    const missing = 'Grant the verbs list and watch on notes.notes.dev in namespace blue';
    await eventually(async () => operator.healthPort !== undefined && (await readyz()).includes(missing), {
      what: 'the missing right in /readyz',
    });
    expect(await readyz()).toContain('notes in namespace blue: ');
    expect(warnings.join()).toContain(missing);
    expect(warnings.join()).not.toContain('namespace red');
    await plain.apply(binding('blue', 'ClusterRole'));
    await started;
    for (const namespace of ['red', 'blue']) {
      await eventually(() => hasCard(namespace, 'first'), { what: `the card in ${namespace}` });
    }
    const hashes = await Promise.all(['red', 'blue'].map(async (ns) => (await found(ns, 'note', 'first')).status.hash));
    expect(new Set(hashes).size).toBe(2);
    expect(hashes).not.toContain('none');

    const each = ['configmaps', 'notes', 'secrets'].flatMap((kind) => [`${kind} in blue`, `${kind} in red`]);
    await eventually(async () => openWatches(await events()).join() === each.join(), {
      what: 'one stream for each kind and namespace',
    });

    for (const namespace of ['red', 'blue']) {
      await plain.kubectl(['delete', 'note', 'first', '-n', namespace, '--timeout=120s']);
      expect(await found(namespace, 'configmap', 'first-card')).toBeUndefined();
    }

    // While it runs, one namespace loses its rights.
    warnings.length = 0;
    await plain.kubectl(['delete', 'rolebinding', NAME, '-n', 'blue']);
    await eventually(() => warnings.join().includes('in namespace blue'), { what: 'the missing right in the log' });
    for (const namespace of ALL) await plain.apply(note(namespace, 'second'));
    await eventually(() => hasCard('red', 'second'), { what: 'the card in red' });
    await plain.kubectl(['delete', 'note', 'second', '-n', 'red', '--timeout=120s']);
    expect([operator.leading, operator.ready, await hasCard('blue', 'second')]).toEqual([true, true, false]);
    await plain.apply(binding('blue', 'ClusterRole'));
    await eventually(() => hasCard('blue', 'second'), { what: 'the card in blue, which has its rights again' });

    const green = await found('green', 'note', 'second');
    expect([green.status, green.metadata.finalizers]).toEqual([undefined, undefined]);
    const elsewhere = (await events())
      .filter(({ objectRef }) => !['red', 'blue', NAME].includes(objectRef?.namespace ?? ''))
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    expect(elsewhere).toEqual([]);
    const inOwn = (await events()).filter(({ objectRef }) => objectRef?.namespace === NAME);
    expect([...new Set(inOwn.map(({ objectRef }) => objectRef?.resource))]).toEqual(['leases']);
  } finally {
    await operator.stop();
  }
});
