import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../operator/testkit/index.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { established } from '../support/established.ts';
import { eventually } from '../support/eventually.ts';
import { kubectl } from '../support/kubectl.ts';
import { InstalledPackage } from './installed-package.ts';

const EXAMPLES = join(packageRoot(), 'examples');

let installed: InstalledPackage;
let cluster: ControlPlane;

beforeAll(async () => {
  installed = await InstalledPackage.install();
  await cp(EXAMPLES, join(installed.folder, 'examples'), {
    recursive: true,
    filter: (path) => !/node_modules|dist/.test(path.slice(EXAMPLES.length)),
  });
  for (const name of await examples()) await installed.run('npm', ['run', 'build'], join('examples', name));
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
});

afterAll(async () => {
  await cluster?.stop();
  await installed?.[Symbol.asyncDispose]();
});

test('the examples use the versions that the package is tested with', async () => {
  const own = await packageJson(packageRoot());
  const known: Record<string, string> = {
    ...own.devDependencies,
    ...own.dependencies,
    [own.name]: `^${own.version}`,
  };
  for (const name of await examples()) {
    const { dependencies, devDependencies } = await packageJson(join(EXAMPLES, name));
    const used = { ...dependencies, ...devDependencies };
    expect(used, name).toEqual(Object.fromEntries(Object.keys(used).map((name) => [name, known[name]])));
  }
});

test('greeting: the operator creates and restores the card, and stops at SIGTERM', async () => {
  await applyCrd('greeting', 'greetings.example.com');
  await using _operator = runExample('greeting');
  await apply('greeting', 'greeting.yaml');
  const text = () => read('configmap', 'hello-card', '{.data.text}');
  await eventually(async () => (await text()) === 'Hello, world');
  await eventually(async () => (await read('greeting', 'hello', '{.status.ready}')) === 'true');
  await kubectl(cluster, ['patch', 'configmap', 'hello-card', '-p', '{"data":{"text":"Bye"}}']);
  await eventually(async () => (await text()) === 'Hello, world');
});

test('watches-and-references: a Service and a Secret of others reconcile the Catalog', async () => {
  await applyCrd('watches-and-references', 'catalogs.example.com');
  await using _operator = runExample('watches-and-references');
  await apply('watches-and-references', 'catalog.yaml');
  const hash = () => read('configmap', 'shops-page', '{.data.credentialsHash}');
  await eventually(async () => /^books 10\./.test(await read('configmap', 'shops-page', '{.data.addresses}')));
  const first = await eventually(async () => (await hash()) || undefined);
  const password = JSON.stringify({ stringData: { password: 'another' } });
  await kubectl(cluster, ['patch', 'secret', 'shops-credentials', '-p', password]);
  await eventually(async () => ![first, ''].includes(await hash()));
  await kubectl(cluster, ['label', 'service', 'books', 'example.com/catalog-']);
  await eventually(async () => (await read('catalog', 'shops', '{.status.services}')) === '0');
  await kubectl(cluster, ['delete', 'secret', 'shops-credentials']);
  await eventually(async () => (await read('catalog', 'shops', '{.status.missing}')) === 'Secret shops-credentials');
  await eventually(async () => (await hash()) === '');
});

test('out-of-tree-dependent: the RestAPI operator also creates the Ingress', async () => {
  await kubectl(cluster, ['create', '-f', installed.path('crds', 'restapis.restapi.dev.yaml')]);
  await established(cluster, 'restapis.restapi.dev');
  await using _operator = runExample('out-of-tree-dependent');
  await apply('out-of-tree-dependent', 'shop.yaml');
  const rules = '{.spec.rules[0].host} {.spec.rules[0].http.paths[0].backend.service.name}';
  await eventually(async () => (await read('ingress', 'shop-model', rules)) === 'model.example.com shop-model');
  expect(await read('deployment', 'shop-model', '{.metadata.name}')).toBe('shop-model');
});

test('test-kit: the test passes', async () => {
  expect(await installed.run('npm', ['test'], join('examples', 'test-kit'))).toContain('pass 3');
});

async function examples(): Promise<string[]> {
  const entries = await readdir(EXAMPLES, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

interface PackageJson {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

async function packageJson(folder: string): Promise<PackageJson> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

/** Installs the CRD as the README of the examples does. */
async function applyCrd(example: string, name: string): Promise<void> {
  const crd = await installed.run('npm', ['run', '--silent', 'crd'], join('examples', example));
  await kubectl(cluster, ['apply', '-f', '-'], crd);
  await established(cluster, name);
}

function apply(example: string, file: string): Promise<string> {
  return kubectl(cluster, ['apply', '-f', join(EXAMPLES, example, file)]);
}

/** @returns the field of an object, empty where there is none */
function read(kind: string, name: string, field: string): Promise<string> {
  return kubectl(cluster, ['get', kind, name, '--ignore-not-found', '-o', `jsonpath=${field}`]);
}

/** Runs the main program of an example. Disposing of it sends SIGTERM, and expects that it ends as an operator should. */
function runExample(name: string): AsyncDisposable {
  const child = spawn(process.execPath, [join(installed.folder, 'examples', name, 'dist', 'main.js')], {
    env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const [code] = await exited;
      clearTimeout(deadline);
      expect(code, log).toBe(0);
      expect(log).toContain('"message":"Stopping"');
    },
  };
}
