import { describe, expect, test } from 'vitest';
import { generatedFor, type StoredObject, validateResource } from '../../operator/index.ts';
import { ComponentDeployment, plainDecision, RestAPI } from '../../resources/index.ts';
import { componentSecurity } from '../../resources/templates/component-security.ts';
import { stored } from '../src/blue-green/stored.ts';

/** A RestAPI whose spec requests one object of every kind that selects pods. */
function named(name: string): StoredObject<RestAPI> {
  const api = stored('registry.example.com/shop:1.0.0', { enabled: false });
  const spec = {
    ...api.spec,
    replicas: 2,
    observability: { metrics: { enabled: true } },
    repository: { ...api.spec.repository, replicas: 1, storage: { size: '1Gi', accessMode: 'ReadWriteOnce' } },
  };
  return { ...api, metadata: { ...api.metadata, name }, spec } as StoredObject<RestAPI>;
}

interface Labelled {
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  spec?: Record<string, unknown> & { template?: { metadata: { labels: Record<string, string> } } };
}

const generated = (name: string) =>
  generatedFor(RestAPI, named(name), undefined, 'restapi-operator').map(({ object }) => object as unknown as Labelled);

/** The labels of generated objects and of their pods, but for those of the operator's own group. */
const foreignLabels = (name: string) =>
  generated(name).flatMap(({ metadata, spec }) =>
    [metadata.labels, spec?.template?.metadata.labels ?? {}].flatMap((labels) =>
      Object.entries(labels).filter(([key]) => !key.startsWith('restapi.dev/')),
    ),
  );

describe('S3: the name of a RestAPI gives its pods no label by which others select', () => {
  test('a RestAPI named prometheus is labelled as restapi', () => {
    const labels = foreignLabels('prometheus');
    expect(labels.length).toBeGreaterThan(50);
    expect(labels.filter(([, value]) => value === 'prometheus')).toEqual([]);
    expect([...new Set(labels.filter(([key]) => key === 'app.kubernetes.io/name').map(([, value]) => value))]).toEqual([
      'restapi',
    ]);
    expect(labels).toContainEqual(['app.kubernetes.io/instance', 'restapi-prometheus']);
  });

  test('the volume, which has no owner, is not labelled as part of an application', () => {
    const claim = generated('shop').find(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claim?.metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'restapi' });
    expect(claim?.metadata.labels).not.toHaveProperty(['app.kubernetes.io/instance']);
  });

  test('generated objects select pods by the keys that podLabels cannot set', () => {
    const selectors = generated('shop').flatMap(({ kind, spec = {} }) => {
      const { selector = spec.podSelector } = spec as { selector?: object };
      const labels = (selector as { matchLabels?: object } | undefined)?.matchLabels ?? selector;
      return labels ? [[kind, Object.keys(labels)] as const] : [];
    });
    expect(new Set(selectors.map(([kind]) => kind))).toEqual(
      new Set(['Deployment', 'Service', 'NetworkPolicy', 'PodDisruptionBudget', 'PodMonitor']),
    );
    for (const [kind, keys] of selectors) {
      expect(keys.length, kind).toBeGreaterThan(0);
      expect(keys.filter((key) => !key.startsWith('restapi.dev/'))).toEqual([]);
    }
  });
});

/** What the operator says of a spec of the model. */
const errorsOf = (model: object) =>
  validateResource(RestAPI, {
    ...named('shop'),
    spec: { ...named('shop').spec, model: { ...named('shop').spec.model, ...model } },
  }).map(({ field, message }) => `${field}: ${message}`);

test.each(['restapi.dev/name', 'restapi.dev/traffic', 'app.kubernetes.io/name', 'app.kubernetes.io/instance'])(
  'S3: podLabels cannot set %s, by which generated objects are found',
  (key) => {
    expect(errorsOf({ podLabels: { team: 'a', [key]: 'b' } })).toEqual([
      `spec.model.podLabels: ${key} is reserved for the operator: remove it`,
    ]);
  },
);

describe('S2: profiles of AppArmor and seccomp', () => {
  test.each([
    'container.apparmor.security.beta.kubernetes.io/model',
    'container.seccomp.security.alpha.kubernetes.io/model',
    'seccomp.security.alpha.kubernetes.io/pod',
  ])('the annotation %s is refused, and the message names the field to use', (key) => {
    const [error = '', ...others] = errorsOf({ podAnnotations: { 'example.com/a': 'b', [key]: 'unconfined' } });
    expect(others).toEqual([]);
    expect(error).toContain(`spec.model.podAnnotations: ${key} is not allowed`);
    expect(error).toContain('set securityContext.appArmorProfile');
  });

  test('other annotations are accepted', () => {
    expect(errorsOf({ podAnnotations: { 'example.com/apparmor': 'b', apparmor: 'c' } })).toEqual([]);
  });

  test('every pod has the seccomp profile of the runtime, and none names an AppArmor profile by itself', () => {
    const pods = new ComponentDeployment()
      .desired(named('shop'), plainDecision(named('shop')))
      .map(({ spec }) => (spec.template.spec as { securityContext: object }).securityContext);
    expect(pods).toHaveLength(4);
    for (const pod of pods) {
      expect(pod).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } });
      // Kubelets without AppArmor reject pods that name even the default profile.
      expect(JSON.parse(JSON.stringify(pod))).not.toHaveProperty('appArmorProfile');
    }
  });

  test('securityContext.appArmorProfile names the profile of the pod, and only the default one', () => {
    expect(componentSecurity({ appArmorProfile: 'RuntimeDefault' }).pod).toMatchObject({
      appArmorProfile: { type: 'RuntimeDefault' },
    });
    expect(errorsOf({ securityContext: { appArmorProfile: 'RuntimeDefault' } })).toEqual([]);
    expect(errorsOf({ securityContext: { appArmorProfile: 'Unconfined' } })[0]).toContain(
      'spec.model.securityContext.appArmorProfile: ',
    );
  });
});
