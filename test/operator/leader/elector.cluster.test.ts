import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ServerHistory } from '../../../operator/informer/server-history.ts';
import type { LeaderElectionOptions } from '../../../operator/leader/election-options.ts';
import { type FaultProxy, type ProxiedRequest, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { Candidate, LONG, NAMESPACE, OneLeader, QUICK, StoredLease } from './candidates.ts';

const SHIPPED = ['namespace', 'service-account', 'role', 'role-binding'];
/** From the end of a leader to the next one, with the shortened times: the lease, a poll, a retry, and a loaded machine. */
const TAKE_OVER_MS = QUICK.leaseDurationSeconds * 1000 + 4 * QUICK.retryMs + 15_000;

let cluster: ControlPlane;
let proxy: FaultProxy;
let lease: StoredLease;
let one: OneLeader;
const candidates: Candidate[] = [];

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  // Each with exactly the rights that are shipped.
  for (const file of SHIPPED) {
    await kubectl(cluster, ['apply', '-n', NAMESPACE, '-f', join(packageRoot(), 'kustomize', 'base', `${file}.yaml`)]);
  }
  lease = new StoredLease(cluster);
});
beforeEach(async () => {
  proxy = await startFaultProxy(await cluster.serviceAccountKubeConfig(NAMESPACE, 'restapi-operator'));
  one = new OneLeader(() => candidates);
});
afterEach(async () => {
  one[Symbol.dispose]();
  proxy.clearRules();
  await Promise.all(candidates.splice(0).map((candidate) => candidate.stop()));
  await proxy.stop();
  await lease.delete();
});
afterAll(async () => {
  await lease?.close();
  await cluster?.stop();
});

/** Starts a candidate behind the proxy, which knows it by its name in the User-Agent. */
function run(identity: string, options: Partial<LeaderElectionOptions> = {}): Candidate {
  const candidate = new Candidate(identity, proxy.kubeConfig, options);
  candidates.push(candidate);
  return candidate;
}

const by =
  (identity: string, more: (request: ProxiedRequest) => boolean = () => true) =>
  (request: ProxiedRequest) =>
    request.headers['user-agent'] === identity && more(request);
const isWrite = ({ method }: ProxiedRequest) => method !== 'GET';
const leads = (candidate: Candidate, timeoutMs = TAKE_OVER_MS) =>
  eventually(() => candidate.leads, { timeoutMs, everyMs: 10, what: `${candidate.identity} leads` });

async function twoCandidates(
  options: Partial<LeaderElectionOptions> = {},
): Promise<[leader: Candidate, standby: Candidate]> {
  const leader = run('a', options);
  await leads(leader);
  const standby = run('b', options);
  await eventually(() => standby.said('Running as standby').length > 0, { what: 'b stands by' });
  return [leader, standby];
}

test('D1: after a restart of the API server a standby takes over, and takes a released lease at once', async () => {
  const [a, b] = await twoCandidates();
  await cluster.killApiServer();
  await cluster.startApiServer();
  await eventually(() => candidates.some(({ leads }) => leads), { what: 'a leader again' });
  const [leader, standby] = a.leads ? [a, b] : [b, a];
  await sleep(1_500);
  proxy.log.length = 0;
  await leader.crash();
  await leads(standby);
  // No conflict after conflict: what it wrote was accepted at the first try.
  expect(proxy.log.filter(by(standby.identity, isWrite)).map(({ status }) => status)).not.toContain(409);
  expect(standby.terms.at(-1)).toBeGreaterThan(leader.terms.at(-1) ?? Infinity);
  expect(one.violations).toEqual([]);
});

test.each<[string, (proxy: FaultProxy) => void]>([
  ['is forbidden', (proxy) => proxy.rule({ match: ({ watch }) => watch, fault: { kind: 'answer', status: 403 } })],
  [
    'is half-open',
    (proxy) => proxy.rule({ match: ({ watch }) => watch, fault: { kind: 'stall-after-lines', lines: 2 } }),
  ],
  ['is never answered', (proxy) => proxy.rule({ match: ({ watch }) => watch, fault: { kind: 'black-hole' } })],
])('D1: when the watch of the lease %s, an expired and a released lease are still taken', async (_name, break_) => {
  break_(proxy);
  const [a, b] = await twoCandidates();
  await a.crash();
  await leads(b);
  const c = run('c');
  await eventually(() => c.said('Running as standby').length > 0);
  await b.stop();
  await leads(c);
  expect(one.violations).toEqual([]);
});

test('D1: a leader with an outdated version of the lease reads it and keeps its term', async () => {
  proxy.rule({ match: ({ watch }) => watch, fault: { kind: 'answer', status: 403 } });
  const a = run('a');
  await leads(a);
  for (let round = 0; round < 5; round++) {
    await lease.patch({ metadata: { annotations: { round: `${round}` } } });
    await sleep(QUICK.retryMs);
  }
  await sleep(QUICK.renewDeadlineMs);
  expect(a.leads).toBe(true);
  expect(a.terms).toHaveLength(1);
  expect(a.said('Lease changed').length).toBeGreaterThan(0);
});

test('annotating a lease does not keep it from expiring', async () => {
  const [a, b] = await twoCandidates();
  await a.crash();
  const timer = setInterval(() => void lease.patch({ metadata: { annotations: { at: `${Date.now()}` } } }), 300);
  try {
    await leads(b);
  } finally {
    clearInterval(timer);
  }
});

/** Copies etcd's data and restores it later, as a restore from a backup does. */
async function stopped(work: () => Promise<void>): Promise<void> {
  await cluster.killApiServer();
  await cluster.kill('etcd');
  await work();
  await cluster.startEtcd();
  await cluster.startApiServer();
}
const data = () => join(cluster.dir, 'etcd');
const backup = () => join(cluster.dir, 'etcd-backup');
const takeBackup = () => stopped(() => cp(data(), backup(), { recursive: true }));
const restore = () =>
  stopped(async () => {
    await rm(data(), { recursive: true });
    await rename(backup(), data());
  });

test('D2: after a restore of etcd to the term of another leader there is one leader again, and never two', async () => {
  const histories = [new ServerHistory(), new ServerHistory()] as const;
  const reports: string[] = [];
  for (const history of histories) history.subscribe(({ by, reason }) => reports.push(`${by}: ${reason}`));
  const a = run('a', { history: histories[0] });
  await leads(a);
  await takeBackup();
  await eventually(() => a.leads, { what: 'a leads after the backup' });
  const b = run('b', { history: histories[1] });
  await eventually(() => b.said('Running as standby').length > 0);
  // Leadership moves to b while a is running: the restored Lease will name a, which is a standby by then.
  const silence = proxy.rule({ match: by('a'), fault: { kind: 'black-hole' } });
  await leads(b);
  silence.remove();
  await eventually(() => a.elector.holder === 'b', { what: 'a knows that b leads' });
  for (let i = 0; i < 50; i++) await lease.patch({ metadata: { annotations: { grow: `${i}` } } });
  const before = b.elector.term ?? Infinity;
  await restore();
  const leader = await eventually(() => candidates.find(({ leads }) => leads), { what: 'a leader again' });
  await sleep(QUICK.leaseDurationSeconds * 1_000 + 1_000);
  expect(candidates.filter(({ leads }) => leads)).toHaveLength(1);
  expect(leader.elector.term).toBeGreaterThanOrEqual(before);
  expect(reports.filter((report) => report.startsWith('leases: '))).toHaveLength(2);
  expect(one.violations).toEqual([]);
});

test('D2: a candidate named by an older state of the lease does not lead before it takes the lease again', async () => {
  const [a, b] = await twoCandidates();
  const older = await lease.get();
  await a.stop();
  await leads(b);
  const again = run('c');
  await eventually(() => again.said('Running as standby').length > 0);
  // As if c had led: a state that no running candidate has written names a standby.
  await lease.patch({ spec: { ...older.spec, holderIdentity: 'c' } });
  await sleep(300);
  expect(again.leads).toBe(false);
  await eventually(() => candidates.some(({ leads }) => leads), { timeoutMs: TAKE_OVER_MS * 2 });
  expect(one.violations).toEqual([]);
});

test('D2: after a reported change of history the lease is renewed before any other write', async () => {
  const history = new ServerHistory();
  const a = run('a', { history });
  await leads(a);
  const term = a.elector.term;
  const rule = proxy.rule({ match: by('a'), fault: { kind: 'delay', ms: 200 } });
  history.replaced(history.epoch, 'restapis', 'the test says so');
  expect(a.leads).toBe(false);
  await leads(a);
  expect(rule.fired).toBeGreaterThanOrEqual(1);
  expect(a.elector.term).toBe(term);
  // It does not report again what was reported to it.
  expect(history.epoch).toBe(2);
});

test('a deleted lease is recreated by its holder in a higher term, and never held by two', async () => {
  const [a, b] = await twoCandidates();
  for (let round = 0; round < 3; round++) {
    const before = a.elector.term ?? Infinity;
    await lease.delete();
    await eventually(() => (a.elector.term ?? 0) > before, { what: 'a higher term of a' });
    await leads(a);
  }
  expect(b.terms).toEqual([]);
  expect(one.violations).toEqual([]);
});

test('D5: a lease of 30 years is honoured without a busy loop, logged, and ended by deleting it', async () => {
  await lease.create({ holderIdentity: 'gone', leaseDurationSeconds: 1_000_000_000, leaseTransitions: 3 });
  const a = run('a');
  await eventually(() => a.said('unusually long').length === 1);
  proxy.log.length = 0;
  await sleep(3_000);
  expect(a.leads).toBe(false);
  expect(proxy.log.length).toBeLessThan(10);
  await lease.delete();
  await leads(a);
  expect(a.terms[0]).toBeGreaterThan(3);
});

test('a leader without any answer stops before another may start, and logs how long it has left', async () => {
  const [a, b] = await twoCandidates();
  proxy.rule({ match: by('a'), fault: { kind: 'black-hole' } });
  // That it is in time is seen by who looks whether two lead.
  await eventually(() => !a.leads, { everyMs: 5 });
  // It may not write from that moment on; a timer notifies the others.
  await eventually(() => a.elector.leadingSignal.aborted, { everyMs: 5 });
  await leads(b);
  expect(a.said('Could not write the lease').join()).toMatch(/"leadsForMs":\d+/);
  expect(a.said('Stopped leading')).toHaveLength(1);
  expect(b.said('has stopped renewing')).toHaveLength(1);
  expect(b.said('"takenFrom":"a"')).toHaveLength(1);
  expect(a.elector.renewFailures).toBeGreaterThan(0);
  proxy.clearRules();
  await eventually(() => a.said('Running as standby').length === 1 && a.elector.holder === 'b');
  expect(one.violations).toEqual([]);
});

test('a take whose answer was lost is recognized by its sender, and not waited out', async () => {
  const started = performance.now();
  proxy.rule({ match: isWrite, fault: { kind: 'cut-after-commit' }, times: 1 });
  const a = run('a', LONG);
  await leads(a);
  expect(performance.now() - started).toBeLessThan((LONG.leaseDurationSeconds * 1000) / 2);
  expect(a.elector.term).toBeGreaterThan(0);
});

test('a doubt stops writes until the lease is renewed, and ends leadership if another holds it', async () => {
  const [a, b] = await twoCandidates();
  const term = a.elector.term;
  a.elector.doubt('a write was refused');
  expect(a.leads).toBe(false);
  await leads(a);
  expect(a.elector.term).toBe(term);
  expect(a.said('Stopped leading')).toEqual([]);
  // Many at once make for few requests.
  proxy.log.length = 0;
  const began = performance.now();
  for (let i = 0; i < 100; i++) {
    a.elector.doubt('again');
    await sleep(5);
  }
  // Besides those by which it renews the lease anyway.
  const renewals = (performance.now() - began) / QUICK.retryMs;
  expect(proxy.log.filter(by('a')).length).toBeLessThan(7 + 2 * renewals);

  // The watch is silent, so that only the doubt reveals that b has taken it.
  proxy.rule({ match: by('a'), fault: { kind: 'delay', ms: 300 } });
  await lease.patch({ spec: { holderIdentity: 'b', leaseTransitions: (term ?? 0) + 1 } });
  a.elector.doubt('a write was refused');
  expect(a.leads).toBe(false);
  await eventually(() => a.said('Stopped leading').length === 1);
  await eventually(() => b.elector.holder === 'b');
  expect(one.violations).toEqual([]);
});

test('a released lease is taken at once, every time', async () => {
  let [leader, standby] = await twoCandidates(LONG);
  for (let round = 0; round < 5; round++) {
    const term = leader.elector.term ?? Infinity;
    await leader.stop();
    // Not when it has expired.
    await leads(standby, (LONG.leaseDurationSeconds * 1000) / 4);
    expect(standby.elector.term).toBeGreaterThan(term);
    leader = standby;
    standby = run(`r${round}`, LONG);
    await eventually(() => standby.said('Running as standby').length > 0);
  }
  expect(one.violations).toEqual([]);
});

test('invalid times are rejected with the name of the option', () => {
  const made = (options: Partial<LeaderElectionOptions>) => () => run('x', options);
  expect(made({ leaseDurationSeconds: 1e9 })).toThrow(/leaseDurationSeconds.*1000000000/);
  expect(made({ leaseDurationSeconds: 0 })).toThrow(/leaseDurationSeconds/);
  expect(made({ leaseDurationSeconds: 2.5 })).toThrow(/leaseDurationSeconds/);
  expect(made({ renewDeadlineMs: Number.NaN })).toThrow(/renew deadline/);
  expect(made({ renewDeadlineMs: QUICK.leaseDurationSeconds * 1000 })).toThrow(/renew deadline/);
  expect(made({ retryMs: -1 })).toThrow(/retry period/);
  expect(made({ identity: '' })).toThrow(/identity/);
});
