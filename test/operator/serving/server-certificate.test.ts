import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpListener, readAddress } from '../../../operator/serving/http-listener.ts';
import { type KeyPair, selfSigned } from '../../../operator/serving/self-signed.ts';
import { ServerCertificate } from '../../../operator/serving/server-certificate.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../informer/support.ts';
import { ask } from './ask.ts';

const CHECK_MS = 20;

let folder: string;
let files: { certFile: string; keyFile: string };
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-test-'));
  files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await rm(folder, { recursive: true });
});

async function write({ cert, key }: KeyPair): Promise<void> {
  await Promise.all([writeFile(files.certFile, cert), writeFile(files.keyFile, key)]);
}

const fingerprint = ({ cert }: KeyPair) => new X509Certificate(cert).fingerprint256;

/** Serves `ok` with a certificate. @returns the port */
async function serve(certificate: ServerCertificate): Promise<number> {
  const listener = new HttpListener((_, response) => response.end('ok'), { certificate, logger: recordingLogger() });
  ends.push(
    () => certificate.stop(),
    () => listener.close(),
  );
  return listener.listen({ host: '127.0.0.1', port: 0 });
}

test('a self-signed certificate is a proper one of this machine, and each is another', async () => {
  const pairs = await Promise.all([selfSigned(), selfSigned()]);
  const [certificate, other] = pairs.map(({ cert }) => new X509Certificate(cert));
  expect(certificate?.checkHost('localhost')).toBe('localhost');
  expect(certificate?.ca).toBe(false);
  expect(certificate?.verify(certificate.publicKey)).toBe(true);
  expect(certificate?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  const days = (date: string) => (Date.parse(date) - Date.now()) / 86_400_000;
  expect(days(certificate?.validTo ?? '')).toBeCloseTo(365, 0);
  expect(days(certificate?.validFrom ?? '')).toBeLessThan(0);
  expect(certificate?.serialNumber).not.toBe(other?.serialNumber);
  expect(pairs[0]?.key).not.toBe(pairs[1]?.key);
});

test('without files it serves a self-signed certificate, which a client that knows it can verify', async () => {
  const log = recordingLogger();
  const certificate = new ServerCertificate(undefined, log, CHECK_MS);
  const port = await serve(certificate);
  const { cert } = await certificate.follow(() => {});
  expect(await ask(port, '/', { ca: cert })).toMatchObject({ status: 200, body: 'ok' });
  await expect(ask(port, '/', { ca: (await selfSigned()).cert })).rejects.toThrow(/self.signed|verify/);
  expect(log.lines).toEqual([expect.stringContaining('Created a self-signed server certificate')]);
});

test('changed files are served to new connections, and the server goes on', async () => {
  const [first, second] = await Promise.all([selfSigned(), selfSigned()]);
  await write(first);
  const port = await serve(new ServerCertificate(files, recordingLogger(), CHECK_MS));
  expect((await ask(port, '/', { ca: first.cert })).fingerprint).toBe(fingerprint(first));
  await write(second);
  await eventually(async () => (await ask(port, '/')).fingerprint === fingerprint(second), { everyMs: CHECK_MS });
  expect(await ask(port, '/', { ca: second.cert })).toMatchObject({ status: 200 });
});

test('files that do not fit are not taken over, said once, and taken over when they fit', async () => {
  const [first, second] = await Promise.all([selfSigned(), selfSigned()]);
  await write(first);
  const log = recordingLogger();
  const port = await serve(new ServerCertificate(files, log, CHECK_MS));
  await writeFile(files.certFile, second.cert);
  const failed = () => log.lines.filter((line) => line.includes('Could not renew the server certificate'));
  await eventually(() => failed().length > 0, { everyMs: CHECK_MS });
  expect((await ask(port, '/')).fingerprint).toBe(fingerprint(first));
  await writeFile(files.keyFile, second.key);
  await eventually(async () => (await ask(port, '/')).fingerprint === fingerprint(second), { everyMs: CHECK_MS });
  expect(failed()).toHaveLength(1);
  expect(failed()[0]).not.toContain('PRIVATE KEY');
});

test('missing and unfitting files fail the start, with a remedy', async () => {
  await expect(serve(new ServerCertificate(files, recordingLogger()))).rejects.toThrow(
    /^cannot read .*tls\.(crt|key) for the server certificate: mount a Secret/,
  );
  const [first, second] = await Promise.all([selfSigned(), selfSigned()]);
  await write({ cert: first.cert, key: second.key });
  await expect(serve(new ServerCertificate(files, recordingLogger()))).rejects.toThrow(
    /tls\.crt and .*tls\.key are not a certificate and its private key/,
  );
});

test.each(['8080', ':', ':70000', 'localhost', '', ':8080x'])('the address %j is refused', (address) => {
  expect(() => readAddress(address, 'the dashboard')).toThrow(
    `invalid address ${address} for the dashboard: use host:port or :port`,
  );
});

test('addresses have an optional host', () => {
  expect(readAddress(':8443', 'x')).toEqual({ port: 8443 });
  expect(readAddress('127.0.0.1:0', 'x')).toEqual({ host: '127.0.0.1', port: 0 });
  expect(readAddress('[::1]:1', 'x')).toEqual({ host: '::1', port: 1 });
});
