import { describe, expect, test } from 'vitest';
import { differences } from '../../../operator/reconcile/differences.ts';

const deployment = (container: object, rest: object = {}) => ({
  spec: { template: { spec: { containers: [container] } }, ...rest },
});

describe('no difference is found for', () => {
  test.each<[string, object, object]>([
    ['fields of others', { spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} }],
    ['labels of others', { metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: '1', theirs: 'x' } } }],
    [
      'a container of others',
      deployment({ name: 'app' }),
      { spec: { template: { spec: { containers: [{ name: 'mesh' }, { name: 'app' }] } } } },
    ],
    [
      'defaults in a list element',
      deployment({ name: 'app', ports: [{ containerPort: 80 }] }),
      deployment({ name: 'app', ports: [{ containerPort: 80, protocol: 'TCP' }] }),
    ],
    [
      'a quantity written otherwise',
      deployment({ name: 'app', resources: { limits: { cpu: '1000m', memory: '1024Mi' } } }),
      deployment({ name: 'app', resources: { limits: { cpu: '1', memory: '1Gi' } } }),
    ],
    ['an empty map the server left out', deployment({ name: 'app', resources: {} }), deployment({ name: 'app' })],
    ['an empty list the server left out', { spec: { list: [] } }, { spec: {} }],
    ['undefined', { spec: { a: undefined } }, { spec: {} }],
    [
      'another order of environment variables',
      deployment({
        name: 'app',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
      deployment({ name: 'app', env: [{ name: 'B', value: '2' }, { name: 'X' }, { name: 'A', value: '1' }] }),
    ],
    [
      'a Service port with its node port',
      { spec: { ports: [{ port: 80, targetPort: 'http' }] } },
      { spec: { ports: [{ port: 80, targetPort: 'http', protocol: 'TCP', nodePort: 30080 }] } },
    ],
  ])('%s', (_name, desired, observed) => {
    expect(differences(desired, observed)).toEqual([]);
  });
});

describe('a difference is found for', () => {
  test.each<[string, object, object, string[]]>([
    ['another value', { spec: { replicas: 2 } }, { spec: { replicas: 3 } }, ['spec.replicas']],
    ['a lost field', { spec: { replicas: 2 } }, { spec: {} }, ['spec.replicas']],
    ['a lost map', { metadata: { labels: { a: '1' } } }, { metadata: {} }, ['metadata.labels']],
    [
      'an image',
      deployment({ name: 'app', image: 'a:1' }),
      deployment({ name: 'app', image: 'a:2' }),
      ['spec.template.spec.containers[name=app].image'],
    ],
    [
      'a lost container',
      deployment({ name: 'app' }),
      deployment({ name: 'other' }),
      ['spec.template.spec.containers[name=app]'],
    ],
    [
      'a quantity',
      deployment({ name: 'app', resources: { limits: { cpu: '1' } } }),
      deployment({ name: 'app', resources: { limits: { cpu: '2' } } }),
      ['spec.template.spec.containers[name=app].resources.limits.cpu'],
    ],
    [
      'a longer atomic list',
      deployment({ name: 'app', args: ['a'] }),
      deployment({ name: 'app', args: ['a', 'b'] }),
      ['spec.template.spec.containers[name=app].args'],
    ],
    [
      'an added key of an atomic map',
      { spec: { selector: { app: 'a' } } },
      { spec: { selector: { app: 'a', more: 'b' } } },
      ['spec.selector'],
    ],
    ['texts that would be equal quantities elsewhere', { data: { a: '1000m' } }, { data: { a: '1' } }, ['data.a']],
    ['a number for a text', { spec: { port: '80' } }, { spec: { port: 80 } }, ['spec.port']],
    [
      'a missing finalizer',
      { metadata: { finalizers: ['a'] } },
      { metadata: { finalizers: ['b'] } },
      ['metadata.finalizers'],
    ],
    ['null where there is a value', { spec: { a: null } }, { spec: { a: 1 } }, ['spec.a']],
  ])('%s', (_name, desired, observed, paths) => {
    expect(differences(desired, observed)).toEqual(paths);
  });

  test('a key named __proto__ or constructor', () => {
    const desired = JSON.parse('{"data":{"__proto__":"a","constructor":"b"}}');
    expect(differences(desired, JSON.parse('{"data":{}}'))).toEqual(['data.__proto__', 'data.constructor']);
    expect(differences(desired, JSON.parse('{"data":{"__proto__":"a","constructor":"b"}}'))).toEqual([]);
  });
});
