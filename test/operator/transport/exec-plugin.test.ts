import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import type { ApiClientOptions } from '../../../operator/transport/api-client-types.ts';
import { TransportError } from '../../../operator/transport/transport-error.ts';
import { answerJson, type PlainServer, startPlainServer } from '../../support/plain-server.ts';

let dir: string;
const open: AsyncDisposable[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'exec-plugin-'));
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

/** A client whose exec plugin is this shell script; each run adds its pid to the file `runs`. */
async function clientOf(script: string, options: Partial<ApiClientOptions> = {}, exec: Record<string, unknown> = {}) {
  const command = join(dir, 'plugin.sh');
  await writeFile(command, `#!/bin/sh\necho $$ >> ${dir}/runs\n${script}\n`, { mode: 0o755 });
  const authorization: (string | undefined)[] = [];
  const server: PlainServer = await startPlainServer(
    (request, response) => {
      authorization.push(request.headers.authorization);
      answerJson(response, { apiVersion: 'v1', kind: 'Any', metadata: {} });
    },
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['hush-hush'], ...exec } },
  );
  const client = new ApiClient({ kubeConfig: server.kubeConfig, userAgent: 'test', ...options });
  open.push(server, { [Symbol.asyncDispose]: () => client.close() });
  const ask = () => client.request({ method: 'GET', path: '/version' });
  return { client, ask, authorization, command };
}

const credential = (status: object) =>
  `printf '%s' '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}'`;

const runs = async () => (await readFile(join(dir, 'runs'), 'utf8')).trim().split('\n').map(Number);

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('a plugin that hangs is killed at its deadline, and the error names it', async () => {
  // `exec`, so that it is one process.
  const { ask, command } = await clientOf('exec sleep 600', { execTimeoutMs: 3_000, requestTimeoutMs: 60_000 });
  let turns = 0;
  const ticking = setInterval(() => {
    turns += 1;
  }, 10);
  const [one, two] = await Promise.all([failure(ask()), failure(ask())]);
  clearInterval(ticking);
  // The event loop went on meanwhile.
  expect(turns).toBeGreaterThan(10);
  expect(one.message).toContain(
    `no credentials: the exec plugin "${command}" returned no credential within 3 s and was killed`,
  );
  expect(one.message).not.toContain('hush');
  expect(two.message).toBe(one.message);
  expect(one.fate).toBe('not-sent');
  const pids = await runs();
  expect(pids).toHaveLength(1);
  await ended(pids[0] as number);
});

it('a plugin that ignores SIGTERM gets SIGKILL, and its children delay nothing', async () => {
  const { ask } = await clientOf(`trap '' TERM\nsleep 3 &\nwhile true; do sleep 0.1; done`, { execTimeoutMs: 3_000 });
  expect((await failure(ask())).message).toContain('was killed');
  await ended((await runs())[0] as number);
});

it('a request with a shorter deadline names the plugin too, and close() kills it', async () => {
  const { client, ask, command } = await clientOf('exec sleep 600', { requestTimeoutMs: 3_000 });
  expect((await failure(ask())).message).toContain(
    `no response within 3000 ms while getting credentials from the exec plugin "${command}"`,
  );
  const [pid] = await runs();
  expect(isAlive(pid as number)).toBe(true);
  await client.close();
  await ended(pid as number);
});

it('a token is used until it expires, for all lanes', async () => {
  const soon = new Date(Date.now() + 8_000).toISOString();
  const { client, ask, authorization } = await clientOf(credential({ token: 'one', expirationTimestamp: soon }), {
    credentialsTtlMs: 0,
  });
  const lane = client.lane({ maxConcurrentRequests: 1 });
  await Promise.all([ask(), ask(), lane.request({ method: 'GET', path: '/version' })]);
  await ask();
  expect(new Set(authorization)).toEqual(new Set(['Bearer one']));
  expect(await runs()).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, Date.parse(soon) - Date.now() + 10));
  await ask();
  expect(await runs()).toHaveLength(2);
});

it('a plugin gets the environment of the process and the kubeconfig, and KUBERNETES_EXEC_INFO', async () => {
  const script = `[ -n "$PATH" ] && [ "$OWN" = yes ] && echo "$KUBERNETES_EXEC_INFO" | grep -q '"kind":"ExecCredential"' || exit 7
${credential({ token: 't' })}`;
  const { ask, authorization } = await clientOf(script, {}, { env: [{ name: 'OWN', value: 'yes' }] });
  await ask();
  expect(authorization).toEqual(['Bearer t']);
});

it.each([
  ['fails', 'echo "  the session   has expired" >&2; exit 3', 'exited with code 3: the session has expired'],
  ['asks for a password', 'read password || { echo "no password" >&2; exit 4; }', 'exited with code 4: no password'],
  ['is killed', 'kill -9 $$', 'was killed by SIGKILL'],
  ['writes no JSON', 'echo hush-hush', 'did not write JSON'],
  ['writes no status', 'echo "{}"', 'returned neither status.token nor status.clientCertificateData'],
  ['writes half a certificate', credential({ clientCertificateData: 'c' }), 'returned neither status.token nor'],
])('a plugin that %s is named in the error', async (_what, script, message) => {
  const { ask, command } = await clientOf(script);
  const error = await failure(ask());
  expect(error.message).toContain(`the exec plugin "${command}" ${message}`);
  expect(error.message).not.toContain('hush');
});

it('a missing plugin is named, with the install hint of the kubeconfig', async () => {
  const { ask } = await clientOf('', {}, { command: join(dir, 'missing'), installHint: 'Get it at example.com' });
  const { message } = await failure(ask());
  expect(message).toContain(`the exec plugin "${join(dir, 'missing')}" could not be started: spawn`);
  expect(message).toContain('ENOENT');
  expect(message).toContain('Get it at example.com');
});
