import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { generatedFor, withDefaults } from '../../operator/index.ts';
import { COMPONENTS, RestAPI } from '../../resources/index.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import {
  MONITORING,
  overlay,
  PROMETHEUS_CRDS,
  writeNamespacedOverlay,
  writeOverlayWith,
} from '../e2e/deploy/overlays.ts';
import { Server, sample } from '../resources/crd/server.ts';
import { eventually } from '../support/eventually.ts';
import { ACCEPTED } from './accepted-findings.ts';
import { kubeScore, type Score } from './kube-score.ts';
import { Kubeconform } from './kubeconform.ts';
import { ensureLinters } from './linters.ts';

let server: Server;
let kubeconform: Kubeconform;
let score: (yaml: string) => Promise<Score>;
beforeAll(async () => {
  const linters = await ensureLinters();
  score = (yaml) => kubeScore(linters.get('kube-score') ?? '', yaml);
  server = await Server.start();
  await server.kubectl('create', '-f', PROMETHEUS_CRDS);
  // The schemas are published shortly after the kinds are served, one after another.
  await eventually(
    async () => {
      const schemas = await server.kubectl('get', '--raw', '/openapi/v3/apis/monitoring.coreos.com/v1');
      return ['ServiceMonitor', 'PrometheusRule'].every((kind) => schemas.includes(`monitoring.v1.${kind}"`));
    },
    { what: 'the schemas of the Prometheus Operator' },
  );
  kubeconform = await Kubeconform.start(linters.get('kubeconform') ?? '', server.cluster);
});
afterAll(() => server?.stop());

/** Names of the checks with critical findings, without duplicates. */
function checks({ critical }: Score): string[] {
  return [...new Set(critical.map(({ check }) => check))];
}

/** Objects generated for a RestAPI with the defaults of the API server, as YAML. */
async function generated(spec: object): Promise<string> {
  const { object, message } = await server.tryCreate(sample('shop', spec));
  expect(message).toBe('');
  // A copy without undefined fields, which are not sent either.
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
  return generatedFor(RestAPI, withDefaults(RestAPI, object), undefined, 'restapi-operator')
    .map((child) => stringify(plain(child.object), { aliasDuplicateObjects: false }))
    .join('---\n');
}

async function expectNoFindings(yaml: string, accepted: string[]): Promise<void> {
  const documents = parseAllDocuments(yaml).length;
  expect(await kubeconform.check(yaml)).toEqual({ findings: [], valid: documents });
  const result = await score(yaml);
  expect(result.objects).toBeGreaterThan(0);
  expect(result.critical.filter(({ check }) => !accepted.includes(check))).toEqual([]);
  const stale = accepted.filter((check) => !checks(result).includes(check));
  expect(stale, 'accepted in accepted-findings.ts, but no longer found').toEqual([]);
}

describe('linters find nothing critical', () => {
  test.each(['dev', 'staging', 'prod'] as const)('in kustomize/overlays/%s', async (name) => {
    await expectNoFindings(await server.kubectl('kustomize', overlay(name)), ACCEPTED.operator);
  });

  test('in an overlay with kustomize/components/namespaced', async () => {
    const folder = await writeNamespacedOverlay(join(server.cluster.dir, 'namespaced'));
    await expectNoFindings(await server.kubectl('kustomize', folder), ACCEPTED.operator);
  });

  test.each([{ names: ['release-author'] }, { names: MONITORING }])('in an overlay with $names', async ({ names }) => {
    const folder = await writeOverlayWith(names, join(server.cluster.dir, names.join('-')));
    await expectNoFindings(await server.kubectl('kustomize', folder), ACCEPTED.operator);
  });

  test('in kustomize/sample, whose kind only kubeconform knows', async () => {
    const yaml = await server.kubectl('kustomize', join(packageRoot(), 'kustomize', 'sample'));
    expect(await kubeconform.check(yaml)).toEqual({ findings: [], valid: 1 });
  });

  test('in the objects of a RestAPI with only an image', async () => {
    await expectNoFindings(await generated({}), ACCEPTED.generatedByDefault);
  });

  test('in the objects of a RestAPI with further settings', async () => {
    const amounts = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '16Mi' };
    const component = {
      imagePullPolicy: 'Always',
      resources: { requests: amounts, limits: amounts },
      securityContext: { runAsUser: 10_001, runAsGroup: 10_001, readOnlyRootFilesystem: true },
      probes: { readiness: { httpGet: { path: '/ready' } } },
    };
    const components = Object.fromEntries(COMPONENTS.map((name) => [name, component]));
    const view = { ...component, expose: { host: 'shop.example.com' } };
    const yaml = await generated({ replicas: 2, envVars: { LOG_LEVEL: 'info' }, ...components, view });
    await expectNoFindings(yaml, []);
  });
});

describe('invalid manifests are reported', () => {
  const broken = async (change: [from: string, to: string]) => {
    const yaml = await server.kubectl('kustomize', overlay('prod'));
    expect(yaml).toContain(change[0]);
    return yaml.replace(...change);
  };

  test.each<[what: string, change: [string, string], finding: string]>([
    ['a misspelt field', ['serviceAccountName: restapi', 'serviceAccountNam: restapi'], 'serviceAccountNam'],
    ['a wrong type', ['replicas: 2', 'replicas: two'], '/spec/replicas'],
    ['a kind that is not served', ['kind: PodDisruptionBudget', 'kind: PodDisruptionBudge'], 'could not find schema'],
  ])('by kubeconform: %s', async (_, change, finding) => {
    const { findings } = await kubeconform.check(await broken(change));
    expect(findings).toEqual([expect.stringContaining(finding)]);
  });

  test.each<[what: string, change: [string, string], check: string]>([
    [
      'a writable root filesystem',
      ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
      'container-security-context-readonlyrootfilesystem',
    ],
    ['an image without a version', ['restapi-operator:0.1.0', 'restapi-operator:latest'], 'container-image-tag'],
    [
      'a Deployment without a disruption budget',
      ['kind: PodDisruptionBudget', 'kind: Gone'],
      'deployment-has-poddisruptionbudget',
    ],
  ])('by kube-score: %s', async (_, change, check) => {
    expect(checks(await score(await broken(change)))).toContain(check);
  });
});
