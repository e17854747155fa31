import fc from 'fast-check';

/** Mostly good values, so that objects get past the first rule, with every kind of bad one among them. */
export const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 200, arbitrary: good }, { weight: 1, arbitrary: bad });
export const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, '', 'x', 2 ** 31, 2 ** 40, [], {}, [null], [[]], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const part = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const image = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('shop', 'registry.example.com:443/team/shop:1.2') },
  fc
    .tuple(
      fc.constantFrom('', 'localhost:5000/', 'Reg.example.com/', 'a_b/'),
      part,
      fc.constantFrom('', ':1', ':V-2', ':-', '@x'),
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: fc.constantFrom('a', 'B', '1', '/', ':', '.', '-', '_', '@', ' '), maxLength: 12 }),
);
const envName = fc.oneof(
  { weight: 20, arbitrary: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z_.-][A-Za-z0-9_.-]{0,6}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'PORT', 'VIEW_URL', '..', '1', 'A', ''),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text.isWellFormed()) },
);
const envValue = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom('', '\0', '\n', '💡') },
);
const envVars = fc
  .array(fc.tuple(envName, mostly(envValue, junk)), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));
const env = fc.array(
  mostly(fc.record({ name: mostly(envName, junk), value: mostly(envValue, junk) }, { requiredKeys: ['name'] }), junk),
  { maxLength: 3 },
);
const number = fc.oneof(fc.nat({ max: 3000 }).map(String), fc.constantFrom('0', '.5', '1.', '1.5', '0.25', '.', ''));
const UNITS = ',m,u,n,k,M,G,Ki,Mi,Gi,Ti,E,Ei,e3,E-2,K,mi, '.split(',');
const unit = fc.constantFrom(...UNITS);
const quantity = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('250m', '1', '2', '.5', '1e3', '256Mi', '1Gi', '1G', '1.5', '1000m') },

  fc.tuple(number, unit).map((parts) => parts.join('')),
  fc.nat({ max: 4000 }),
);
const amounts = fc.dictionary(
  fc.constantFrom('cpu', 'cpu', 'memory', 'memory', 'ephemeral-storage', 'example.com/gpu', 'disk'),
  mostly(quantity, junk),
  { maxKeys: 3 },
);
const resources = fc.oneof(
  { weight: 3, arbitrary: fc.record({ limits: fc.constant({ cpu: '2', memory: '1Gi' }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ requests: mostly(amounts, junk), limits: mostly(amounts, junk) }, { requiredKeys: [] }),
  },
);
const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 3 });
const labelKey = fc.oneof(
  { weight: 200, arbitrary: fc.constantFrom('team', 'example.com/team', 'sidecar.istio.io/inject', 'a.b-c/D_e.f') },
  { weight: 1, arbitrary: fc.constantFrom('restapi.dev/name', 'constructor', '-a', '/', 'A/b', '') },
);
const labelValue = fc.oneof(
  { weight: 200, arbitrary: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,5}[A-Za-z0-9])?$/) },
  { weight: 1, arbitrary: fc.constantFrom('', '-', 'a b', 'x'.repeat(64)) },
);
const labels = fc.dictionary(labelKey, mostly(labelValue, junk), { maxKeys: 3 });
const annotations = fc.dictionary(labelKey, mostly(fc.string({ unit: 'grapheme', maxLength: 8 }), junk), {
  maxKeys: 3,
});
const service = fc.record(
  {
    type: mostly(fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'), junk),
    annotations: mostly(annotations, junk),
  },
  { requiredKeys: [] },
);
const host = fc.oneof(
  { weight: 50, arbitrary: fc.constantFrom('shop.example.com', '*.example.com', 'localhost', 'a-b.c1') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Shop.example.com', 'a..b', '*', '-a', 'a.*.b', '1.2.3.4', `${'a'.repeat(64)}.b`),
  },
);
const dnsName = fc.oneof(
  { weight: 50, arbitrary: fc.constantFrom('public', 'a-b', '1', 'x'.repeat(63)) },
  { weight: 1, arbitrary: fc.constantFrom('a.b', 'x'.repeat(64), 'A', '-a', '', 'x'.repeat(254)) },
);
const gateway = fc.record(
  { name: mostly(dnsName, junk), namespace: mostly(dnsName, junk), sectionName: mostly(dnsName, junk) },
  { requiredKeys: ['name'] },
);
const exposeBy = (way: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ host: mostly(host, junk), ...way, annotations: mostly(annotations, junk) }, { requiredKeys: ['host'] });
const ingressClassName = mostly(fc.constantFrom('nginx', 'a.b'), junk);
const expose = fc.oneof(
  { weight: 10, arbitrary: exposeBy({ ingressClassName }) },
  { weight: 10, arbitrary: exposeBy({ gateway: mostly(gateway, junk) }) },
  { weight: 1, arbitrary: exposeBy({ ingressClassName, gateway: mostly(gateway, junk) }) },
);
const otherPort = fc.constantFrom(3000, 8080, 8081, 8082, 9000, 1, 65_535, 65_536, 0);
const component = (port: number, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record(
    {
      ...more,
      enabled: mostly(fc.boolean(), junk),
      port: fc.oneof({ weight: 8, arbitrary: fc.constant(port) }, { weight: 1, arbitrary: mostly(otherPort, junk) }),
      replicas: mostly(fc.nat(5), junk),
      resources: mostly(resources, junk),
      env: mostly(env, junk),
      image: mostly(image, junk),
      imagePullPolicy: mostly(fc.constantFrom('Always', 'IfNotPresent', 'Never'), junk),
      command: mostly(words, junk),
      args: mostly(words, junk),
      service: mostly(service, junk),
      nodeSelector: mostly(labels, junk),
      podLabels: mostly(labels, junk),
      podAnnotations: mostly(annotations, junk),
      terminationGracePeriodSeconds: mostly(fc.nat(3600), junk),
    },
    { requiredKeys: [] },
  );
/** Specs, most of them good. */
export const spec = fc.record(
  {
    image: mostly(image, junk),
    replicas: mostly(fc.nat(5), junk),
    envVars: mostly(envVars, junk),
    model: mostly(component(8080), junk),
    view: mostly(component(3000, { expose: mostly(expose, junk) }), junk),
    controller: mostly(component(8081), junk),
    repository: mostly(component(8082), junk),
  },
  { requiredKeys: [] },
);
