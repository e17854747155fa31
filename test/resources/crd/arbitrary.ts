import fc from 'fast-check';

/** Mostly valid values, so that objects pass the first rules, with invalid ones of all kinds among them. */
export const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 400, arbitrary: good }, { weight: 1, arbitrary: bad });
export const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, '', 'x', 2 ** 31, 2 ** 40, [], {}, [null], [[]], { a: 1 }),
  fc.jsonValue({ maxDepth: 2 }),
);

const part = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const image = fc.oneof(
  { weight: 100, arbitrary: fc.constantFrom('shop', 'registry.example.com:443/team/shop:1.2') },
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
  { weight: 200, arbitrary: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z_.-][A-Za-z0-9_.-]{0,6}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'PORT', 'VIEW_URL', '..', '1', 'A', ''),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => text.isWellFormed()) },
);
const envValue = fc.oneof(
  { weight: 80, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom('', '\0', '\n', '💡') },
);
const envVars = fc
  .array(fc.tuple(envName, mostly(envValue, junk)), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries));
/** A random subset of the fields. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>, ...required: string[]) =>
  fc.record(fields, { requiredKeys: required as never[] });
const listOf = (element: fc.Arbitrary<unknown>) => fc.array(mostly(element, junk), { maxLength: 3 });
const objectName = mostly(fc.constantFrom('db', 'shop.db-1', 'x'), fc.constantFrom('', 'A', '-a', 'a/b', 'a..b'));
const onChange = mostly(fc.constantFrom('Release', 'Restart', 'Ignore'), junk);
const source = some({ name: objectName, optional: mostly(fc.boolean(), junk), onChange }, 'name');
const entry = some(
  { name: objectName, key: mostly(fc.constantFrom('url', '.a', '1_-'), junk), optional: fc.boolean(), onChange },
  'name',
  'key',
);
const pullSecrets = mostly(
  fc.oneof(
    fc.constant([]),
    fc.record({ name: objectName }).map((one) => [one]),
    fc.constant([{ name: 'a' }, { name: 'b' }]),
  ),
  fc.oneof(junk, fc.constant([{ name: 'a' }, { name: 'a' }])),
);
const oneOf = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  mostly(fc.oneof(...Object.entries(fields).map(([name, value]) => fc.record({ [name]: value }))), some(fields));
const envFrom = listOf(
  fc
    .tuple(
      oneOf({ configMapRef: source, secretRef: source }),
      some({ prefix: mostly(fc.constantFrom('DB_', '-'), junk) }),
    )
    .map(([one, prefix]) => ({ ...(one as object), ...prefix })),
);
const env = fc.array(
  mostly(
    fc.oneof(
      { weight: 3, arbitrary: some({ name: mostly(envName, junk), value: mostly(envValue, junk) }, 'name') },
      some({ name: envName, valueFrom: oneOf({ configMapKeyRef: entry, secretKeyRef: entry }) }, 'name'),
    ),
    junk,
  ),
  { maxLength: 3 },
);
const number = fc.oneof(fc.nat({ max: 3000 }).map(String), fc.constantFrom('0', '.5', '1.', '1.5', '0.25', '.', ''));
const UNITS = ',m,u,n,k,M,G,Ki,Mi,Gi,Ti,E,Ei,e3,E-2,K,mi, '.split(',');
const unit = fc.constantFrom(...UNITS);
const quantity = fc.oneof(
  { weight: 100, arbitrary: fc.constantFrom('250m', '1', '2', '.5', '1e3', '256Mi', '1Gi', '1G', '1.5', '1000m') },

  fc.tuple(number, unit).map((parts) => parts.join('')),
  fc.nat({ max: 4000 }),
);
const amounts = fc.dictionary(
  mostly(
    fc.constantFrom('cpu', 'memory', 'ephemeral-storage'),
    fc.constantFrom('example.com/gpu', 'disk'),
  ) as fc.Arbitrary<string>,
  mostly(quantity, junk),
  { maxKeys: 3 },
);
const resources = fc.oneof(
  { weight: 30, arbitrary: fc.record({ limits: fc.constant({ cpu: '2', memory: '1Gi' }) }) },
  { weight: 1, arbitrary: fc.constant({ requests: { 'example.com/gpu': 1 }, limits: { 'example.com/gpu': '1' } }) },
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
const seconds = (least: number) => mostly(fc.integer({ min: least, max: 60 }), junk);
const probePort = { port: mostly(fc.constantFrom(1, 8080, 65_535), junk) };
const path = mostly(fc.constantFrom('/', '/health?deep=1'), fc.constantFrom('health', '/a b', ''));
const header = some(
  { name: mostly(fc.constant('X-Probe'), junk), value: fc.string({ maxLength: 4 }) },
  'name',
  'value',
);
const handler = oneOf({
  httpGet: some({
    ...probePort,
    path,
    scheme: mostly(fc.constantFrom('HTTP', 'HTTPS'), junk),
    httpHeaders: listOf(header),
  }),
  tcpSocket: some(probePort),
  grpc: some({ ...probePort, service: fc.string({ maxLength: 4 }) }),
  exec: some({ command: mostly(fc.constant(['true']), junk) }, 'command'),
});
const timings = {
  enabled: mostly(fc.boolean(), junk),
  initialDelaySeconds: seconds(0),
  periodSeconds: seconds(1),
  timeoutSeconds: seconds(1),
  failureThreshold: seconds(1),
};
const probe = (more = {}) =>
  fc
    .tuple(fc.oneof(fc.constant({}), handler), some({ ...timings, ...more }))
    .map(([one, rest]) => ({ ...(one as object), ...rest }));
const probes = some({
  liveness: probe(),
  readiness: probe({ successThreshold: seconds(1) }),
  startup: mostly(probe(), junk),
});
const healing = some({
  enabled: mostly(fc.boolean(), junk),
  restartPods: mostly(fc.constantFrom('Never', 'NodeLost', 'Dead', 'Stuck'), junk),
  restartComponents: mostly(fc.boolean(), junk),
  rollback: mostly(fc.boolean(), junk),
  rollbackWindowSeconds: mostly(fc.integer({ min: 10, max: 604_800 }), fc.constantFrom(9, 604_801)),
  maxActions: mostly(fc.integer({ min: 1, max: 10 }), fc.constantFrom(0, 11, -1)),
  windowSeconds: mostly(fc.integer({ min: 10, max: 100 }), fc.constantFrom(9, 86_401)),
  stuckSeconds: seconds(5),
});
const healthCheck = some({
  healing: mostly(healing, junk),
  path,
  port: probePort.port,
  liveness: mostly(some(timings), junk),
  readiness: mostly(some(timings), junk),
  startup: mostly(some(timings), junk),
});
const observability = some({
  tracing: mostly(
    fc.record({ endpoint: mostly(fc.constantFrom('http://a:4318', 'https://b/c'), fc.constantFrom('a:4317', '')) }),
    fc.oneof(fc.constant({}), junk),
  ),
  metrics: mostly(
    some({
      enabled: mostly(fc.boolean(), fc.constant('yes')),
      path,
      port: probePort.port,
      interval: mostly(fc.constantFrom('30s', '1m', '500ms'), fc.constantFrom('30', '0s', '')),
    }),
    junk,
  ),
});
const amount = mostly(fc.constantFrom('100m', 5, '1.5k'), fc.constantFrom(0, '0m', 'x'));
const metricName = mostly(fc.constantFrom('load', 'a.b|c', 'x:y'), fc.constantFrom('', 'a/b', '.'));
const metricObject = some(
  { apiVersion: fc.constant('v1'), kind: fc.constant('Service'), name: objectName },
  'apiVersion',
  'kind',
  'name',
);
const metricOf = (type: string, more: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .tuple(fc.record({ type: fc.constant(type), name: metricName, ...more }), some({ matchLabels: labels }))
    .map(([one, rest]) => ({ ...one, ...rest }));
const scalingMetric = mostly(
  fc.oneof(
    metricOf('Pods', { averageValue: amount }),
    metricOf('External', { value: amount }),
    metricOf('Object', { averageValue: amount, object: metricObject }),
  ),
  some({
    type: fc.constantFrom('Pods', 'Object', 'External'),
    name: metricName,
    object: metricObject,
    averageValue: amount,
    value: amount,
  }),
);
const scalingRules = some({
  stabilizationWindowSeconds: mostly(fc.integer({ min: 0, max: 3_600 }), junk),
  selectPolicy: mostly(fc.constantFrom('Max', 'Min', 'Disabled'), junk),
  policies: mostly(
    some(
      {
        type: mostly(fc.constantFrom('Pods', 'Percent'), junk),
        value: mostly(fc.integer({ min: 1, max: 9 }), junk),
        periodSeconds: seconds(1),
      },
      'type',
      'value',
      'periodSeconds',
    ).map((one) => [one]),
    junk,
  ),
});
const least = some({
  cpu: mostly(fc.constantFrom(0, '1m'), quantity),
  memory: mostly(fc.constantFrom('1Ki', 1), junk),
});
const most = some({ cpu: mostly(fc.constantFrom('2', 100), quantity), memory: mostly(fc.constantFrom('1Ti'), junk) });
const componentScaling = some({
  enabled: mostly(fc.boolean(), junk),
  minReplicas: mostly(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 4)),
  maxReplicas: mostly(fc.integer({ min: 3, max: 30 }), fc.constantFrom(0, 1)),
  targetCPUUtilizationPercentage: mostly(fc.integer({ min: 1, max: 100 }), junk),
  targetMemoryUtilizationPercentage: mostly(fc.integer({ min: 1, max: 100 }), junk),
  metrics: mostly(listOf(scalingMetric), junk),
  behavior: mostly(some({ scaleUp: scalingRules, scaleDown: scalingRules }), junk),
  vertical: mostly(
    some({
      mode: mostly(fc.constantFrom('Off', 'Recommend', 'InPlace', 'Rolling'), junk),
      minAllowed: least,
      maxAllowed: most,
    }),
    junk,
  ),
  predictive: mostly(
    some({ enabled: mostly(fc.boolean(), junk), horizonMinutes: mostly(fc.integer({ min: 10, max: 120 }), junk) }),
    junk,
  ),
}).chain((one) => {
  // A forecast needs a target of CPU.
  const { predictive, targetCPUUtilizationPercentage: target = 50 } = one;
  const whole = predictive === undefined ? one : { ...one, targetCPUUtilizationPercentage: target };
  return mostly(fc.constant(whole), fc.constant(one));
});
const autoScaling = some({
  enabled: mostly(fc.boolean(), junk),
  model: mostly(componentScaling, junk),
  view: mostly(componentScaling, junk),
  controller: mostly(componentScaling, junk),
  repository: mostly(componentScaling, junk),
});
const effect = mostly(fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute'), junk);
const toleration = fc.oneof(
  { weight: 50, arbitrary: some({ key: labelKey, operator: fc.constant('Equal'), value: labelValue, effect }, 'key') },
  { weight: 50, arbitrary: some({ key: labelKey, operator: fc.constant('Exists'), effect }, 'operator') },
  some({ key: labelKey, operator: mostly(fc.constantFrom('Equal', 'Exists'), junk), value: labelValue, effect }),
);
const evicting = some(
  { key: labelKey, effect: fc.constant('NoExecute'), tolerationSeconds: seconds(-5) },
  'key',
  'effect',
);
const values = fc.array(labelValue, { maxLength: 2 });
const requirement = fc.oneof(
  {
    weight: 20,
    arbitrary: some(
      { key: labelKey, operator: fc.constantFrom('In', 'NotIn'), values: fc.constant(['a', 'b']) },
      'key',
      'operator',
      'values',
    ),
  },
  {
    weight: 20,
    arbitrary: some({ key: labelKey, operator: fc.constantFrom('Exists', 'DoesNotExist') }, 'key', 'operator'),
  },
  some({ key: labelKey, operator: mostly(fc.constantFrom('In', 'Exists', 'Gt'), junk), values }, 'key', 'operator'),
);
const greater = some(
  {
    key: labelKey,
    operator: fc.constantFrom('Gt', 'Lt'),
    values: mostly(fc.constant(['1']), fc.constantFrom([], ['x'], ['1', '2'])),
  },
  'key',
  'operator',
  'values',
);
const nodeTerm = some(
  { matchExpressions: fc.array(fc.oneof(requirement, greater), { minLength: 1, maxLength: 2 }) },
  'matchExpressions',
);
const weight = mostly(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0, 101));
const podTerm = some(
  {
    topologyKey: mostly(fc.constantFrom('kubernetes.io/hostname', 'zone'), junk),
    labelSelector: some({ matchLabels: labels, matchExpressions: listOf(requirement) }),
  },
  'topologyKey',
);
const podAffinity = some({
  requiredDuringSchedulingIgnoredDuringExecution: listOf(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    some({ weight, podAffinityTerm: podTerm }, 'weight', 'podAffinityTerm'),
  ),
});
const affinity = some({
  nodeAffinity: some({
    requiredDuringSchedulingIgnoredDuringExecution: some(
      { nodeSelectorTerms: mostly(fc.array(nodeTerm, { minLength: 1, maxLength: 2 }), junk) },
      'nodeSelectorTerms',
    ),
    preferredDuringSchedulingIgnoredDuringExecution: listOf(
      some({ weight, preference: nodeTerm }, 'weight', 'preference'),
    ),
  }),
  podAffinity,
  podAntiAffinity: mostly(podAffinity, junk),
});
const spread = some(
  {
    maxSkew: seconds(1),
    topologyKey: mostly(fc.constantFrom('kubernetes.io/hostname', 'topology.kubernetes.io/zone'), junk),
    whenUnsatisfiable: mostly(fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'), junk),
  },
  'topologyKey',
);
const id = mostly(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom<unknown>(0, -1, 2 ** 31));
const securityContext = some({
  runAsUser: id,
  runAsGroup: id,
  fsGroup: id,
  supplementalGroups: listOf(id),
  readOnlyRootFilesystem: mostly(fc.boolean(), junk),
  bindLowPorts: fc.boolean(),
  appArmorProfile: mostly(fc.constantFrom('RuntimeDefault'), fc.oneof(fc.constant<unknown>('Unconfined'), junk)),
});
const storage = some({
  size: mostly(fc.constantFrom<unknown>('1Gi', '1.5Ti', '500M', 1_000_000), mostly(quantity, junk)),
  storageClassName: mostly(fc.constantFrom('fast', 'a.b'), junk),
  accessMode: mostly(fc.constantFrom('ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'), junk),
  mountPath: mostly(fc.constantFrom('/data', '/var/lib/shop'), fc.constantFrom('/tmp', '/', 'data', '/a/', '/a:b')),
  whenDeleted: mostly(fc.constantFrom('Retain', 'Delete'), junk),
});
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
      envFrom: mostly(envFrom, junk),
      imagePullSecrets: pullSecrets,
      probes: mostly(probes, junk),
      tolerations: mostly(listOf(fc.oneof(toleration, evicting)), junk),
      affinity: mostly(affinity, junk),
      topologySpread: mostly(
        fc.oneof(
          fc.constant([]),
          spread.map((one) => [one]),
        ),
        fc.oneof(junk, listOf(spread)),
      ),
      securityContext: mostly(securityContext, junk),
      serviceAccountName: objectName,
      drainSeconds: mostly(fc.constantFrom(0, 1, 5), junk),
      service: mostly(service, junk),
      nodeSelector: mostly(labels, junk),
      podLabels: mostly(labels, junk),
      podAnnotations: mostly(annotations, junk),
      terminationGracePeriodSeconds: mostly(fc.integer({ min: 6, max: 3600 }), fc.oneof(fc.nat(6), junk)),
    },
    { requiredKeys: [] },
  );
const checkKind = fc.oneof(
  fc.record({ http: fc.record({ path: fc.constantFrom('/', '/a?b'), minStatus: fc.integer({ min: 100, max: 599 }) }) }),
  fc.record({ job: fc.record({ image: fc.constantFrom('tests:1', 'registry.example.com/tests:2') }) }),
  fc.record({ prometheus: fc.record({ query: fc.constantFrom('up', 'sum(x)'), max: fc.integer() }) }),
);
const checkSettings = some({
  initialDelaySeconds: seconds(0),
  unknownAfterSeconds: seconds(0),
  dryRun: mostly(fc.boolean(), junk),
});
const check = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), checkKind, checkSettings)
  .map(([name, kind, settings]) => ({ name, ...kind, ...settings }));
const badCheck = fc.oneof(
  fc.record({ name: fc.constant('a'), http: fc.record({ path: fc.string() }) }),
  fc.record({ name: fc.constant('a'), job: fc.record({ image: fc.string() }) }),
  fc.constantFrom({ name: 'A', http: {} }, { name: 'a' }, { name: 'a', http: {}, job: { image: 'a' } }),
);
const checks = mostly(
  fc.uniqueArray(check, { selector: ({ name }) => name, maxLength: 3 }),
  fc.oneof(fc.array(badCheck, { maxLength: 6 }), junk),
);
const hook = some({
  component: mostly(fc.constantFrom('model', 'repository'), junk),
  command: mostly(fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 2 }), junk),
  args: mostly(fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }), junk),
  timeoutSeconds: seconds(1),
});
const blueGreen = some({
  hooks: mostly(some({ migrate: hook, afterPromotion: hook, afterRollback: hook }), junk),
  prePromotion: checks,
  postPromotion: checks,
  enabled: mostly(fc.boolean(), junk),
  autoPromotion: mostly(some({ enabled: mostly(fc.boolean(), junk), seconds: seconds(0) }), junk),
  previewReplicas: mostly(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, -1)),
  scaleDownDelaySeconds: seconds(0),
  progressDeadlineSeconds: seconds(1),
  abortOnFailure: mostly(fc.boolean(), junk),
  autoRollbackSeconds: seconds(0),
  autoRollbackFailingSeconds: seconds(0),
  paused: mostly(fc.boolean(), junk),
  revisionHistoryLimit: mostly(fc.nat(100), fc.constantFrom(-1, 101)),
});
/** Mostly valid specs. */
export const spec = fc.record(
  {
    image: mostly(image, junk),
    replicas: mostly(fc.nat(5), junk),
    minReadySeconds: mostly(fc.nat(599), fc.constantFrom(-1, 600)),
    envVars: mostly(envVars, junk),
    model: mostly(component(8080), junk),
    view: mostly(component(3000, { expose: mostly(expose, junk) }), junk),
    controller: mostly(component(8081), junk),
    imagePullSecrets: pullSecrets,
    autoScaling: mostly(autoScaling, junk),
    healthCheck: mostly(healthCheck, junk),
    observability: mostly(observability, junk),
    blueGreen: mostly(blueGreen, junk),
    repository: mostly(component(8082, { storage: mostly(storage, junk) }), junk),
  },
  { requiredKeys: [] },
);
