// The process that owns a cluster's components. Started by SupervisorClient as `node supervisor.ts FOLDER` (from source Node
// strips the types itself, so this file and what it imports must stay erasable TypeScript without packages).
//
// Its stdin is a pipe that only the test process holds. However that process ends, kill -9 included, the system closes the
// pipe; then this process ends the components and deletes the folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { removeClusterFolder } from './node/cgroups.ts';
import { nestedChild } from './node/nested-child.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { type Exited, RECORD_FILE, type Reply, type Request, type SupervisorRecord } from './supervisor-protocol.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * How long a component may take to exit at shutdown, milliseconds. The API server and etcd would take 8 s to protect data and
 * clients that are thrown away anyway; the others need 0.05 s.
 */
const SHUTDOWN_DEADLINE_MS = 300;

/** Go collects garbage whenever its heap has doubled. At five times the size, the API server needs a fifth less CPU. */
const FEWER_COLLECTIONS = { GOGC: '400' };

interface Component {
  child: ChildProcess;
  /** Whom signals are sent to: the child, or what it has started in a PID namespace. */
  pid: number;
  identity: ProcessIdentity | undefined;
  ended: Promise<void>;
}

const folder = process.argv[2] ?? '';
const components = new Map<string, Component>();
let shuttingDown: Promise<void> | undefined;

// Without a reader a write fails, but then the closed stdin has already started the shutdown.
process.stdout.on('error', () => {});

function send(line: Reply | Exited): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function writeRecord(): void {
  const self = identify(process.pid);
  if (self === undefined) return;
  const record: SupervisorRecord = { supervisor: self, components: [] };
  for (const { identity } of components.values()) if (identity !== undefined) record.components.push(identity);
  const path = join(folder, RECORD_FILE);
  writeFileSync(`${path}.tmp`, JSON.stringify(record));
  renameSync(`${path}.tmp`, path);
}

async function start(request: Request & { op: 'start' }): Promise<number> {
  if (shuttingDown !== undefined) throw new Error('the cluster is stopping');
  if (components.has(request.name)) throw new Error(`${request.name} is already running`);
  const log = openSync(request.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(request.file, request.args, {
      cwd: folder,
      // Not the user's environment: etcd reads ETCD_*, and a proxy variable would send the components out of the machine.
      env: { PATH: process.env.PATH, HOME: folder, TMPDIR: process.env.TMPDIR, ...FEWER_COLLECTIONS },
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      components.delete(request.name);
      // With a node its parts have ended. The wrapper of a paused one is stopped and does not notice.
      for (const [name, { child }] of components) {
        if (name.startsWith(`${request.name}/`) && child.pid !== undefined) kill(child.pid, 'SIGCONT');
      }
      if (shuttingDown === undefined) writeRecord();
      send({ exited: request.name, pid: child.pid ?? 0, code, signal });
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  // A wrapper that ended without one has said why in its log, and how is sent to the test process.
  const target = request.nested ? await nestedChild(pid) : pid;
  // A process that ended within the same turn is not in the table any more and must not come back into it.
  if (child.exitCode === null && child.signalCode === null) {
    components.set(request.name, { child, pid: target, identity: identify(pid), ended });
    writeRecord();
  }
  return target;
}

function running(name: string): Component {
  const component = components.get(name);
  if (component === undefined) throw new Error(`${name} is not running`);
  return component;
}

/** Not child.kill(): in Deno that does nothing any more once a first signal has been sent. */
function signalTo({ child, pid }: Component, signal: NodeJS.Signals): void {
  // An ended child is known as such before its number can be given to another process.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  kill(pid, signal);
  // nsenter stops itself together with its child, and then does not notice the child's end.
  if (pid !== child.pid && signal !== 'SIGSTOP') kill(child.pid, 'SIGCONT');
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function signal(component: Component, name: NodeJS.Signals): Promise<void> {
  signalTo(component, name);
  if (name !== 'SIGSTOP') return;
  await untilStopped(component.pid);
  // And its wrapper, which util-linux's nsenter is then. Resumed before, it would stop after.
  if (component.child.pid !== undefined) await untilStopped(component.child.pid).catch(() => {});
}

async function end(component: Component, signal: NodeJS.Signals, deadlineMs: number): Promise<void> {
  signalTo(component, signal);
  // A paused process only handles SIGTERM once it is resumed.
  if (signal !== 'SIGKILL') signalTo(component, 'SIGCONT');
  const timer = setTimeout(() => signalTo(component, 'SIGKILL'), deadlineMs);
  await component.ended;
  clearTimeout(timer);
}

function shutdown(): Promise<void> {
  shuttingDown ??= (async () => {
    await Promise.all([...components.values()].map((component) => end(component, 'SIGTERM', SHUTDOWN_DEADLINE_MS)));
    await removeClusterFolder(folder);
  })();
  return shuttingDown;
}

async function handle(request: Request): Promise<void> {
  try {
    switch (request.op) {
      case 'start':
        send({ id: request.id, pid: await start(request) });
        return;
      case 'signal':
        await signal(running(request.name), request.signal);
        break;
      case 'end':
        await end(running(request.name), request.signal, request.deadlineMs);
        break;
      case 'shutdown':
        await shutdown();
        send({ id: request.id });
        process.exit(0);
    }
    send({ id: request.id });
  } catch (error) {
    send({ id: request.id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function leave(): Promise<void> {
  try {
    await shutdown();
  } catch (error) {
    console.error(error);
  }
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave());
writeRecord();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void handle(JSON.parse(line) as Request));
lines.on('close', () => void leave());
