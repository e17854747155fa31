import { sample } from './server.ts';

const SHA = 'a'.repeat(64);
const model = (spec: object): object => sample('case', { model: spec });
const resources = (requests: object | undefined, limits?: object): object => model({ resources: { requests, limits } });
const image = (text: unknown): object => sample('case', { image: text });
const env = (...names: unknown[]): object => model({ env: names.map((name) => ({ name, value: 'v' })) });
const expose = (how: object): object => sample('case', { view: { expose: { host: 'shop.example.com', ...how } } });
const INGRESS_CLASS = 'spec.view.expose.ingressClassName';
const storage = (spec: object): object => sample('case', { repository: { storage: spec } });
const observed = (spec: object): object => sample('case', { observability: spec });
const healthCheck = (spec: object): object => sample('case', { healthCheck: spec });
const healing = (spec: unknown): object => healthCheck({ healing: spec });
const HEALING = 'spec.healthCheck.healing';
const scaling = (spec: unknown, rest: object = {}): object => sample('case', { autoScaling: { model: spec }, ...rest });
const metric = (spec: object): object => scaling({ metrics: [{ type: 'Pods', name: 'load', ...spec }] });
const SCALING = 'spec.autoScaling.model';
const CHECK = 'spec.blueGreen.prePromotion[0]';
const envVars = (vars: unknown): object => sample('case', { envVars: vars });

/** Parsed, because `__proto__` in an object literal sets the prototype. */
const json = (text: string): unknown => JSON.parse(text);

function without(object: object, ...path: string[]): object {
  const copy = structuredClone(object) as Record<string, never>;
  let place: Record<string, never> = copy;
  for (const name of path.slice(0, -1)) place = place[name] as never;
  delete place[path.at(-1) as string];
  return copy;
}

/** Objects that API server and operator must reject: description, object and reported field. */
export const BAD: [what: string, object: object, field: string][] = [
  ['no spec', without(sample('case'), 'spec'), 'spec'],
  ['null as spec', sample('case', null), 'spec'],
  ['text as spec', sample('case', 'x'), 'spec'],

  ['a health check path without a slash', healthCheck({ path: 'health' }), 'spec.healthCheck.path'],
  ['an empty health check path', healthCheck({ path: '' }), 'spec.healthCheck.path'],
  ['health check port 0', healthCheck({ port: 0 }), 'spec.healthCheck.port'],
  ['a named health check port', healthCheck({ port: 'http' }), 'spec.healthCheck.port'],
  ['a probe period of 0', healthCheck({ liveness: { periodSeconds: 0 } }), 'spec.healthCheck.liveness.periodSeconds'],
  ['a probe timeout of 0', healthCheck({ startup: { timeoutSeconds: 0 } }), 'spec.healthCheck.startup.timeoutSeconds'],
  [
    'text as failure threshold',
    healthCheck({ readiness: { failureThreshold: '3' } }),
    'spec.healthCheck.readiness.failureThreshold',
  ],
  [
    'a negative initial delay',
    healthCheck({ liveness: { initialDelaySeconds: -1 } }),
    'spec.healthCheck.liveness.initialDelaySeconds',
  ],
  ['text as enabled of a probe', healthCheck({ readiness: { enabled: 'no' } }), 'spec.healthCheck.readiness.enabled'],

  [
    'an unknown value of onChange',
    model({ envFrom: [{ secretRef: { name: 'a', onChange: 'Reload' } }] }),
    'spec.model.envFrom[0].secretRef.onChange',
  ],
  ['true as healing', healing(true), HEALING],
  ['text as enabled of healing', healing({ enabled: 'yes' }), `${HEALING}.enabled`],
  ['an unknown value of restartPods', healing({ restartPods: 'Always' }), `${HEALING}.restartPods`],
  ['true as restartPods', healing({ restartPods: true }), `${HEALING}.restartPods`],
  ['a number as restartComponents', healing({ restartComponents: 1 }), `${HEALING}.restartComponents`],
  ['text as rollback', healing({ rollback: 'no' }), `${HEALING}.rollback`],
  ['a rollback window below the minimum', healing({ rollbackWindowSeconds: 9 }), `${HEALING}.rollbackWindowSeconds`],
  [
    'a rollback window of more than a week',
    healing({ rollbackWindowSeconds: 604_801 }),
    `${HEALING}.rollbackWindowSeconds`,
  ],
  [
    'a rollback window that ends before a pod is stuck',
    healing({ rollback: true, rollbackWindowSeconds: 300 }),
    HEALING,
  ],
  ['maxActions 0', healing({ maxActions: 0 }), `${HEALING}.maxActions`],
  ['more actions than the status keeps', healing({ maxActions: 11 }), `${HEALING}.maxActions`],
  ['a fractional maxActions', healing({ maxActions: 1.5 }), `${HEALING}.maxActions`],
  ['a window below the minimum', healing({ windowSeconds: 9 }), `${HEALING}.windowSeconds`],
  ['a window of more than a day', healing({ windowSeconds: 86_401 }), `${HEALING}.windowSeconds`],
  ['stuckSeconds below the minimum', healing({ stuckSeconds: 4 }), `${HEALING}.stuckSeconds`],
  ['text as stuckSeconds', healing({ stuckSeconds: '5m' }), `${HEALING}.stuckSeconds`],

  ['true as observability', sample('case', { observability: true }), 'spec.observability'],
  ['tracing without an endpoint', observed({ tracing: {} }), 'spec.observability.tracing.endpoint'],
  [
    'a tracing endpoint without http://',
    observed({ tracing: { endpoint: 'collector:4317' } }),
    'spec.observability.tracing.endpoint',
  ],
  [
    'a tracing endpoint with a space',
    observed({ tracing: { endpoint: 'http://a b' } }),
    'spec.observability.tracing.endpoint',
  ],
  ['text as enabled of metrics', observed({ metrics: { enabled: 'yes' } }), 'spec.observability.metrics.enabled'],
  ['a metrics path without a slash', observed({ metrics: { path: 'metrics' } }), 'spec.observability.metrics.path'],
  ['metrics port 0', observed({ metrics: { port: 0 } }), 'spec.observability.metrics.port'],
  ['a named metrics port', observed({ metrics: { port: 'metrics' } }), 'spec.observability.metrics.port'],
  ['an interval without a unit', observed({ metrics: { interval: '30' } }), 'spec.observability.metrics.interval'],
  ['an interval of 0s', observed({ metrics: { interval: '0s' } }), 'spec.observability.metrics.interval'],

  ['true as autoScaling', sample('case', { autoScaling: true }), 'spec.autoScaling'],
  ['text as enabled of autoScaling', sample('case', { autoScaling: { enabled: 'yes' } }), 'spec.autoScaling.enabled'],
  ['text as scaling of a component', scaling('yes'), SCALING],
  ['text as enabled of a component', scaling({ enabled: 'yes' }), `${SCALING}.enabled`],
  ['negative minReplicas', scaling({ minReplicas: -1 }), `${SCALING}.minReplicas`],
  ['minReplicas above maxReplicas', scaling({ minReplicas: 3, maxReplicas: 2 }), `${SCALING}.minReplicas`],
  ['minReplicas above the default maxReplicas', scaling({ minReplicas: 11 }), `${SCALING}.minReplicas`],
  ['minReplicas 0 with a CPU target', scaling({ minReplicas: 0 }), `${SCALING}.minReplicas`],
  [
    'minReplicas 0 with a Pods metric',
    scaling({ minReplicas: 0, metrics: [{ type: 'Pods', name: 'load', averageValue: 1 }] }),
    `${SCALING}.minReplicas`,
  ],
  ['maxReplicas 0', scaling({ minReplicas: 0, maxReplicas: 0 }), `${SCALING}.maxReplicas`],
  ['fractional maxReplicas', scaling({ maxReplicas: 2.5 }), `${SCALING}.maxReplicas`],
  ['a CPU target of 0', scaling({ targetCPUUtilizationPercentage: 0 }), `${SCALING}.targetCPUUtilizationPercentage`],
  [
    'text as memory target',
    scaling({ targetMemoryUtilizationPercentage: '80%' }),
    `${SCALING}.targetMemoryUtilizationPercentage`,
  ],
  ['a metric of an unknown type', metric({ type: 'Resource', averageValue: 1 }), `${SCALING}.metrics[0].type`],
  ['a metric without a name', metric({ name: '', averageValue: 1 }), `${SCALING}.metrics[0].name`],
  ['a metric with a path as name', metric({ name: 'a/b', averageValue: 1 }), `${SCALING}.metrics[0].name`],
  ['a metric without a target', metric({}), `${SCALING}.metrics[0]`],
  ['a metric with two targets', metric({ type: 'External', averageValue: 1, value: 1 }), `${SCALING}.metrics[0]`],
  ['a Pods metric with value', metric({ value: 1 }), `${SCALING}.metrics[0]`],
  ['a metric target of 0', metric({ averageValue: '0' }), `${SCALING}.metrics[0].averageValue`],
  ['an invalid quantity as metric target', metric({ averageValue: 'much' }), `${SCALING}.metrics[0].averageValue`],
  ['an Object metric without an object', metric({ type: 'Object', value: 1 }), `${SCALING}.metrics[0]`],
  [
    'an object for a Pods metric',
    metric({ averageValue: 1, object: { apiVersion: 'v1', kind: 'Service', name: 'a' } }),
    `${SCALING}.metrics[0]`,
  ],
  [
    'an object with an empty kind',
    metric({ type: 'Object', value: 1, object: { apiVersion: 'v1', kind: '', name: 'a' } }),
    `${SCALING}.metrics[0].object.kind`,
  ],
  [
    'a stabilization window above the maximum',
    scaling({ behavior: { scaleDown: { stabilizationWindowSeconds: 3_601 } } }),
    `${SCALING}.behavior.scaleDown.stabilizationWindowSeconds`,
  ],
  [
    'a policy without periodSeconds',
    scaling({ behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1 }] } } }),
    `${SCALING}.behavior.scaleUp.policies[0].periodSeconds`,
  ],
  [
    'a policy with value 0',
    scaling({ behavior: { scaleUp: { policies: [{ type: 'Percent', value: 0, periodSeconds: 1 }] } } }),
    `${SCALING}.behavior.scaleUp.policies[0].value`,
  ],
  [
    'an empty list of policies',
    scaling({ behavior: { scaleUp: { policies: [] } } }),
    `${SCALING}.behavior.scaleUp.policies`,
  ],
  ['an unknown vertical mode', scaling({ vertical: { mode: 'Auto' } }), `${SCALING}.vertical.mode`],
  ['text as vertical scaling', scaling({ vertical: 'InPlace' }), `${SCALING}.vertical`],
  [
    'an invalid quantity as minAllowed',
    scaling({ vertical: { minAllowed: { cpu: 'much' } } }),
    `${SCALING}.vertical.minAllowed.cpu`,
  ],
  [
    'a negative maxAllowed',
    scaling({ vertical: { maxAllowed: { memory: '-1Mi' } } }),
    `${SCALING}.vertical.maxAllowed.memory`,
  ],
  [
    'minAllowed CPU above maxAllowed',
    scaling({ vertical: { minAllowed: { cpu: '2' }, maxAllowed: { cpu: '1500m' } } }),
    `${SCALING}.vertical.minAllowed`,
  ],
  [
    'minAllowed memory above maxAllowed',
    scaling({ vertical: { minAllowed: { memory: '1Gi' }, maxAllowed: { memory: '1000Mi' } } }),
    `${SCALING}.vertical.minAllowed`,
  ],
  [
    'text as enabled of predictive scaling',
    scaling({ predictive: { enabled: 'yes' } }),
    `${SCALING}.predictive.enabled`,
  ],
  [
    'a forecast horizon below the minimum',
    scaling({ predictive: { horizonMinutes: 9 } }),
    `${SCALING}.predictive.horizonMinutes`,
  ],
  [
    'a forecast horizon above the maximum',
    scaling({ predictive: { horizonMinutes: 121 } }),
    `${SCALING}.predictive.horizonMinutes`,
  ],
  [
    'predictive scaling without a CPU target',
    scaling({ targetMemoryUtilizationPercentage: 80, predictive: {} }),
    `${SCALING}.predictive`,
  ],
  [
    'predictive scaling with another metric only',
    scaling({ metrics: [{ type: 'Pods', name: 'load', averageValue: 1 }], predictive: { enabled: true } }),
    `${SCALING}.predictive`,
  ],
  [
    'more pods than the volume allows',
    sample('case', { autoScaling: {}, repository: { storage: { accessMode: 'ReadWriteOnce' } } }),
    'spec.autoScaling.repository.maxReplicas',
  ],

  ['no image', without(sample('case'), 'spec', 'image'), 'spec.image'],
  ['null as image', image(null), 'spec.image'],
  ['an empty image', image(''), 'spec.image'],
  ['a number as image', image(1), 'spec.image'],
  ['an object as image', image({ constructor: 'x' }), 'spec.image'],
  ['spaces in an image', image('not an image'), 'spec.image'],
  ['a newline after an image', image('shop:1\n'), 'spec.image'],
  ['capitals in the path of an image', image('registry.example.com/Shop:1'), 'spec.image'],
  ['a URL as image', image('https://registry.example.com/shop'), 'spec.image'],
  ['an image with an empty tag', image('shop:'), 'spec.image'],
  ['an image with a tag too long', image(`shop:${'a'.repeat(129)}`), 'spec.image'],
  ['an image with a digest too short', image('shop@sha256:abc'), 'spec.image'],
  ['an image with an empty part', image('a//b'), 'spec.image'],
  ['an image too long', image('a'.repeat(521)), 'spec.image'],

  ['negative replicas', sample('case', { replicas: -1 }), 'spec.replicas'],
  ['minReadySeconds below 0', sample('case', { minReadySeconds: -1 }), 'spec.minReadySeconds'],
  ['minReadySeconds that no Deployment allows', sample('case', { minReadySeconds: 600 }), 'spec.minReadySeconds'],
  ['fractional replicas', sample('case', { replicas: 1.5 }), 'spec.replicas'],
  ['text as replicas', sample('case', { replicas: '3' }), 'spec.replicas'],
  ['replicas beyond int32', sample('case', { replicas: 2 ** 31 }), 'spec.replicas'],
  ['negative replicas of a component', model({ replicas: -1 }), 'spec.model.replicas'],

  ['a list as component', sample('case', { model: [] }), 'spec.model'],
  ['true as component', sample('case', { model: true }), 'spec.model'],
  ['text as enabled', model({ enabled: 'yes' }), 'spec.model.enabled'],
  ['port 0', model({ port: 0 }), 'spec.model.port'],
  ['port 65536', model({ port: 65_536 }), 'spec.model.port'],
  ['text as port', model({ port: 'http' }), 'spec.model.port'],
  ['a port clash', sample('case', { view: { port: 9000 }, repository: { port: 9000 } }), 'spec.repository.port'],
  ["a port clash with another's default", sample('case', { controller: { port: 8080 } }), 'spec.controller.port'],
  [
    'no component at all',
    sample('case', {
      model: { enabled: false },
      view: { enabled: false },
      controller: { enabled: false },
      repository: { enabled: false },
    }),
    'spec',
  ],

  ['a list as envVars', envVars([]), 'spec.envVars'],
  ['text as envVars', envVars('A=b'), 'spec.envVars'],
  ['a number as value', envVars({ A: 1 }), 'spec.envVars.A'],
  ['a value too long', envVars({ A: 'x'.repeat(32_001) }), 'spec.envVars.A'],
  ['NUL in a value', envVars({ A: 'a\0b' }), 'spec.envVars.A'],
  ['an empty key', envVars({ '': 'x' }), 'spec.envVars'],
  ['a space in a key', envVars({ 'a b': 'x' }), 'spec.envVars'],
  ['= in a key', envVars({ 'a=b': 'x' }), 'spec.envVars'],
  ['a newline after a key', envVars({ 'a\n': 'x' }), 'spec.envVars'],
  ['a digit first', envVars({ '1a': 'x' }), 'spec.envVars'],
  ['.', envVars({ '.': 'x' }), 'spec.envVars'],
  ['..', envVars({ '..': 'x' }), 'spec.envVars'],
  ['..a', envVars({ '..a': 'x' }), 'spec.envVars'],
  ['an umlaut in a key', envVars({ Ä: 'x' }), 'spec.envVars'],
  ['a key too long', envVars({ ['A'.repeat(254)]: 'x' }), 'spec.envVars'],
  ['PORT', envVars({ PORT: '1' }), 'spec.envVars'],
  ['MODEL_URL', envVars({ A: '1', MODEL_URL: '1' }), 'spec.envVars'],
  ['COMPONENT', envVars({ COMPONENT: '1' }), 'spec.envVars'],
  ['too many variables', envVars(numbered(501, '')), 'spec.envVars'],
  ['too many bytes', envVars(numbered(17, 'ä'.repeat(16_000))), 'spec.envVars'],

  ['an object as env', model({ env: {} }), 'spec.model.env'],
  ['null in env', model({ env: [null] }), 'spec.model.env[0]'],
  ['env without name', model({ env: [{ value: 'x' }] }), 'spec.model.env[0].name'],
  ['an empty name', env(''), 'spec.model.env[0].name'],
  ['= in a name', env('A', 'a=b'), 'spec.model.env[1].name'],
  ['a reserved name', env('REPOSITORY_URL'), 'spec.model.env[0].name'],
  ['a name too long', env('A'.repeat(254)), 'spec.model.env[0].name'],
  ['a name twice', env('A', 'B', 'A'), 'spec.model.env[2]'],
  ['a number as value of env', model({ env: [{ name: 'A', value: 1 }] }), 'spec.model.env[0].value'],
  ['NUL in a value of env', model({ env: [{ name: 'A', value: '\0' }] }), 'spec.model.env[0].value'],
  ['too many in env', env(...Object.keys(numbered(101, ''))), 'spec.model.env'],
  [
    'too many bytes in env',
    model({ env: Object.keys(numbered(5, '')).map((name) => ({ name, value: 'x'.repeat(30_000) })) }),
    'spec.model.env',
  ],

  ['text as resources', model({ resources: 'small' }), 'spec.model.resources'],
  ['a list as limits', model({ resources: { limits: [] } }), 'spec.model.resources.limits'],
  ['an unknown resource', resources({ disk: '1Gi' }), 'spec.model.resources.requests'],
  ['an invalid amount', resources({ cpu: '1 core' }), 'spec.model.resources.requests.cpu'],
  ['an invalid amount with a valid limit', resources({ cpu: '1x' }, { cpu: 1 }), 'spec.model.resources.requests.cpu'],
  ['an empty amount', resources({ cpu: '' }), 'spec.model.resources.requests.cpu'],
  ['an unknown unit', resources({ memory: '256MB' }), 'spec.model.resources.requests.memory'],
  ['a negative amount', resources({}, { cpu: '-1' }), 'spec.model.resources.limits.cpu'],
  ['a negative number', resources({}, { cpu: -1 }), 'spec.model.resources.limits.cpu'],
  ['a fractional number', resources({}, { cpu: 0.5 }), 'spec.model.resources.limits.cpu'],
  ['an amount with a decimal exponent', resources({}, { cpu: '1e1.5' }), 'spec.model.resources.limits.cpu'],
  ['a request above its limit', resources({ cpu: '2' }, { cpu: 1 }), 'spec.model.resources'],
  [
    'a request above its limit in other units',
    resources({ memory: '1025Mi' }, { memory: '1Gi' }),
    'spec.model.resources',
  ],
  ['binary above decimal', resources({ memory: '1Gi' }, { memory: '1G' }), 'spec.model.resources'],
  ['an extended resource without limit', resources({ 'example.com/gpu': '1' }), 'spec.model.resources'],
  ['a fraction of an extended resource', resources({}, { 'example.com/gpu': '500m' }), 'spec.model.resources'],

  ['an invalid image of a component', model({ image: 'a b' }), 'spec.model.image'],
  ['an unknown pull policy', model({ imagePullPolicy: 'Sometimes' }), 'spec.model.imagePullPolicy'],
  ['text as command', model({ command: 'run' }), 'spec.model.command'],
  ['a number in args', model({ args: [1] }), 'spec.model.args[0]'],
  ['too many args', model({ args: Array(65).fill('x') }), 'spec.model.args'],
  ['an unknown type of Service', model({ service: { type: 'ExternalName' } }), 'spec.model.service.type'],
  [
    'an invalid key of an annotation',
    model({ service: { annotations: { 'a b': 'c' } } }),
    'spec.model.service.annotations',
  ],
  ['an invalid label of a node', model({ nodeSelector: { disk: 'very fast' } }), 'spec.model.nodeSelector.disk'],
  ['an invalid key of a label', model({ podLabels: { '/a': 'b' } }), 'spec.model.podLabels'],
  ["the operator's own label", model({ podLabels: { 'restapi.dev/name': 'b' } }), 'spec.model.podLabels'],
  [
    "the operator's own annotation",
    model({ podAnnotations: { 'restapi.dev/env-hash': 'b' } }),
    'spec.model.podAnnotations',
  ],
  ...[
    'restapi.dev/traffic',
    'app.kubernetes.io/name',
    'app.kubernetes.io/instance',
    'app.kubernetes.io/managed-by',
    'pod-template-hash',
  ].map((key): [string, object, string] => [
    `the label ${key}, which generated objects are found by`,
    model({ podLabels: { a: 'b', [key]: 'b' } }),
    'spec.model.podLabels',
  ]),
  ...[
    'container.apparmor.security.beta.kubernetes.io/model',
    'container.seccomp.security.alpha.kubernetes.io/model',
    'seccomp.security.alpha.kubernetes.io/pod',
  ].map((key): [string, object, string] => [
    `the annotation ${key}, which takes a profile off`,
    model({ podAnnotations: { a: 'b', [key]: 'unconfined' } }),
    'spec.model.podAnnotations',
  ]),
  [
    'an AppArmor profile that is none',
    model({ securityContext: { appArmorProfile: 'Unconfined' } }),
    'spec.model.securityContext.appArmorProfile',
  ],
  [
    'a grace period too long',
    model({ terminationGracePeriodSeconds: 3601 }),
    'spec.model.terminationGracePeriodSeconds',
  ],

  ['an IP address as host', sample('case', { view: { expose: { host: '1.2.3.4' } } }), 'spec.view.expose.host'],
  ['a Gateway and a class of Ingress', expose({ ingressClassName: 'nginx', gateway: { name: 'a' } }), INGRESS_CLASS],
  ['text as Gateway', expose({ gateway: 'public' }), 'spec.view.expose.gateway'],
  ['a Gateway without a name', expose({ gateway: { namespace: 'infra' } }), 'spec.view.expose.gateway.name'],
  ['an invalid name of a Gateway', expose({ gateway: { name: 'Public' } }), 'spec.view.expose.gateway.name'],
  [
    'a namespace of a Gateway with a dot',
    expose({ gateway: { name: 'a', namespace: 'a.b' } }),
    'spec.view.expose.gateway.namespace',
  ],
  [
    'an empty name of a listener',
    expose({ gateway: { name: 'a', sectionName: '' } }),
    'spec.view.expose.gateway.sectionName',
  ],

  ['a name too long for the generated names', sample('a'.repeat(41)), 'metadata.name'],
  ['a name that is not valid for a Service', sample('1shop'), 'metadata.name'],
  ['a name with a dot', sample('my.shop'), 'metadata.name'],

  ['true as blueGreen', blueGreen(true), 'spec.blueGreen'],
  ['text as enabled of blueGreen', blueGreen({ enabled: 'yes' }), 'spec.blueGreen.enabled'],
  ['previewReplicas 0', blueGreen({ previewReplicas: 0 }), 'spec.blueGreen.previewReplicas'],
  ['a negative delay', blueGreen({ scaleDownDelaySeconds: -1 }), 'spec.blueGreen.scaleDownDelaySeconds'],
  [
    'a delay of more than a week',
    blueGreen({ scaleDownDelaySeconds: 604_801 }),
    'spec.blueGreen.scaleDownDelaySeconds',
  ],
  ['a progress deadline of 0', blueGreen({ progressDeadlineSeconds: 0 }), 'spec.blueGreen.progressDeadlineSeconds'],
  ['true as autoPromotion', blueGreen({ autoPromotion: true }), 'spec.blueGreen.autoPromotion'],
  [
    'negative autoPromotion.seconds',
    blueGreen({ autoPromotion: { seconds: -1 } }),
    'spec.blueGreen.autoPromotion.seconds',
  ],
  ['a negative number of revisions', blueGreen({ revisionHistoryLimit: -1 }), 'spec.blueGreen.revisionHistoryLimit'],
  [
    'blue-green with a volume for one pod',
    blueGreen({ enabled: true }, { repository: { storage: { accessMode: 'ReadWriteOnce' } } }),
    'spec.repository.storage.accessMode',
  ],
  ['a check without a name', checked({ http: {} }), `${CHECK}.name`],
  ['a check name with capitals', checked({ name: 'Smoke', http: {} }), `${CHECK}.name`],
  ['a check of no kind', checked({ name: 'smoke' }), CHECK],
  ['a check of two kinds', checked({ name: 'smoke', http: {}, job: { image: 'tests:1' } }), CHECK],
  [
    'two checks with the same name',
    checked({ name: 'a', http: {} }, { name: 'a', http: {} }),
    `spec.blueGreen.prePromotion[1]`,
  ],
  [
    'six checks',
    blueGreen({ postPromotion: Array.from({ length: 6 }, (_, index) => ({ name: `a${index}`, http: {} })) }),
    'spec.blueGreen.postPromotion',
  ],
  ...['http://evil.example.com/', '@evil.example.com', '', '/a b', '/a\r\nHost: evil', '/ä', 1].map(
    (path): (typeof BAD)[number] => [
      `the path ${JSON.stringify(path)}`,
      checked({ name: 'smoke', http: { path } }),
      `${CHECK}.http.path`,
    ],
  ),
  ['an unknown component in a check', checked({ name: 'smoke', http: { component: 'db' } }), `${CHECK}.http.component`],
  ['a status below 100', checked({ name: 'smoke', http: { minStatus: 99 } }), `${CHECK}.http.minStatus`],
  ['a status above 599', checked({ name: 'smoke', http: { maxStatus: 600 } }), `${CHECK}.http.maxStatus`],
  ['a Job without an image', checked({ name: 'smoke', job: {} }), `${CHECK}.job.image`],
  ['a Job with an invalid image', checked({ name: 'smoke', job: { image: 'A B' } }), `${CHECK}.job.image`],
  ['an empty command', checked({ name: 'smoke', job: { image: 'a', command: [] } }), `${CHECK}.job.command`],
  [
    'a variable with a space',
    checked({ name: 'smoke', job: { image: 'a', env: [{ name: 'A B' }] } }),
    `${CHECK}.job.env[0].name`,
  ],
  ['a query without bounds', checked({ name: 'smoke', prometheus: { query: 'up' } }), `${CHECK}.prometheus`],
  ['no query', checked({ name: 'smoke', prometheus: { min: 1 } }), `${CHECK}.prometheus.query`],
  [
    'text as bound of a query',
    checked({ name: 'smoke', prometheus: { query: 'up', min: '1' } }),
    `${CHECK}.prometheus.min`,
  ],
  ['successes 0', checked({ name: 'smoke', http: {}, successes: 0 }), `${CHECK}.successes`],
  ['negative allowedFailures', checked({ name: 'smoke', http: {}, allowedFailures: -1 }), `${CHECK}.allowedFailures`],
  ['intervalSeconds 0', checked({ name: 'smoke', http: {}, intervalSeconds: 0 }), `${CHECK}.intervalSeconds`],
  ['a request of 301 s', checked({ name: 'smoke', http: {}, timeoutSeconds: 301 }), CHECK],
  ['a query of a day', checked({ name: 'smoke', prometheus: { query: 'up', min: 1 }, timeoutSeconds: 86_400 }), CHECK],
  ['timeoutSeconds 0', checked({ name: 'smoke', http: {}, timeoutSeconds: 0 }), `${CHECK}.timeoutSeconds`],
  [
    'a hook of a component that does not exist',
    blueGreen({ hooks: { migrate: { component: 'database' } } }),
    'spec.blueGreen.hooks.migrate.component',
  ],
  [
    'a hook with an empty command',
    blueGreen({ hooks: { afterPromotion: { command: [] } } }),
    'spec.blueGreen.hooks.afterPromotion.command',
  ],
  [
    'a hook of 0 seconds',
    blueGreen({ hooks: { migrate: { timeoutSeconds: 0 } } }),
    'spec.blueGreen.hooks.migrate.timeoutSeconds',
  ],
  [
    'negative unknownAfterSeconds',
    checked({ name: 'smoke', http: {}, unknownAfterSeconds: -1 }),
    `${CHECK}.unknownAfterSeconds`,
  ],
  ['text as dryRun', checked({ name: 'smoke', http: {}, dryRun: 'yes' }), `${CHECK}.dryRun`],
];

/** A RestAPI with checks before promotion. */
function checked(...checks: unknown[]): object {
  return blueGreen({ enabled: true, prePromotion: checks });
}

function blueGreen(settings: unknown, spec: object = {}): object {
  return sample('case', { blueGreen: settings, ...spec });
}

/** Objects that API server and operator must accept. */
export const GOOD: [what: string, object: object][] = [
  ['only an image', sample('case')],
  ['the longest name', sample('a'.repeat(40))],
  ['a name of one letter', sample('a')],
  ['a plain image', image('shop')],
  ['a registry with port', image('localhost:5000/shop')],
  ['an IPv6 registry', image('[2001:db8::1]:5000/team/shop:1')],
  ['tag and digest', image(`registry.example.com:443/a/b_c/d__e/f-g.h:V1.2_x@sha256:${SHA}`)],
  ['the longest tag', image(`shop:${'a'.repeat(128)}`)],
  ['no replicas', sample('case', { replicas: 0 })],
  ['autoscaling with defaults', sample('case', { autoScaling: {} })],
  [
    'disabled autoscaling with a volume for one pod',
    sample('case', { autoScaling: { enabled: false }, repository: { storage: {} } }),
  ],
  [
    'autoscaling of all components except the repository',
    sample('case', { autoScaling: { repository: { enabled: false } }, repository: { storage: {} } }),
  ],
  [
    'maxReplicas 1 of the repository',
    sample('case', { autoScaling: { repository: { maxReplicas: 1 } }, repository: { storage: {} } }),
  ],
  ['vertical and predictive scaling with defaults', scaling({ vertical: {}, predictive: {} })],
  [
    'vertical scaling within bounds',
    scaling({
      vertical: { mode: 'Rolling', minAllowed: { cpu: 1, memory: '1Gi' }, maxAllowed: { cpu: '1', memory: '1Gi' } },
    }),
  ],
  [
    'disabled predictive scaling with a memory target',
    scaling({ targetMemoryUtilizationPercentage: 80, predictive: { enabled: false } }),
  ],
  [
    'predictive scaling with CPU and memory targets',
    scaling({
      targetCPUUtilizationPercentage: 50,
      targetMemoryUtilizationPercentage: 80,
      predictive: { horizonMinutes: 120 },
    }),
  ],
  ['equal minReplicas and maxReplicas', scaling({ minReplicas: 3, maxReplicas: 3 })],
  ['CPU and memory targets', scaling({ targetCPUUtilizationPercentage: 1, targetMemoryUtilizationPercentage: 1000 })],
  [
    'minReplicas 0 with Object and External metrics',
    scaling({
      minReplicas: 0,
      metrics: [
        {
          type: 'External',
          name: 'pubsub.googleapis.com|subscription|undelivered',
          value: '30',
          matchLabels: { q: 'a' },
        },
        {
          type: 'Object',
          name: 'requests-per-second',
          object: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
          averageValue: '10k',
        },
      ],
    }),
  ],
  [
    'all fields of behavior',
    scaling({
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Min',
          policies: [
            { type: 'Pods', value: 4, periodSeconds: 1_800 },
            { type: 'Percent', value: 100, periodSeconds: 1 },
          ],
        },
        scaleDown: { selectPolicy: 'Disabled' },
      },
    }),
  ],
  ['the highest replicas', sample('case', { replicas: 2 ** 31 - 1 })],
  [
    'null for fields with a default',
    sample('case', { replicas: null, model: null, view: { port: null, enabled: null } }),
  ],
  ['null for fields without a default', sample('case', { envVars: null, model: { env: null, replicas: null } })],
  ['null as the value of a variable', envVars({ A: null })],
  ['the first and last port', sample('case', { model: { port: 1 }, view: { port: 65_535 } })],
  ['a port clash with a disabled component', sample('case', { controller: { port: 8080 }, model: { enabled: false } })],
  ['swapped ports', sample('case', { model: { port: 8081 }, controller: { port: 8080 } })],
  ['no variables', envVars({})],
  [
    'all allowed characters in keys',
    envVars({ A: '', _b: '', 'spring.datasource.url': '', '-x': '', '.a': '', a1: '' }),
  ],
  [
    'keys such as __proto__',
    envVars(json('{"__proto__":"1","constructor":"2","toString":"3","hasOwnProperty":"4","then":"5"}')),
  ],
  ['the longest key', envVars({ ['A'.repeat(253)]: 'x' })],
  ['the longest value', envVars({ A: '💡'.repeat(32_000) })],
  ['newlines and quotes in a value', envVars({ A: 'a\n"b"\t\u{1F4A1}\r\u2028' })],
  ['the highest number of variables', envVars(numbered(500, 'x'.repeat(1000)))],
  ['env without value', model({ env: [{ name: 'A' }] })],
  [
    'env with the name of a variable in envVars',
    sample('case', { envVars: { A: '1' }, model: { env: [{ name: 'A', value: '2' }] } }),
  ],
  ['names such as __proto__', env('__proto__', 'constructor')],
  ['the highest number of env entries', env(...Object.keys(numbered(100, '')))],
  ['no resources', model({ resources: {} })],
  ['limits without requests', resources(undefined, { cpu: '50m' })],
  [
    'a request equal to its limit in other units',
    resources({ cpu: '1000m', memory: '1024Mi' }, { cpu: 1, memory: '1Gi' }),
  ],
  [
    'all quantity notations',
    resources({ cpu: '.5', memory: '1e3', 'ephemeral-storage': '5.' }, { cpu: '1.5', memory: 1_000_000 }),
  ],
  [
    'all basic fields of a component',
    model({
      image: 'other:1',
      imagePullPolicy: 'Never',
      command: ['/bin/sh', '-c', ''],
      args: [],
      service: { type: 'LoadBalancer', annotations: { 'example.com/a': 'any text: "é"' } },
      nodeSelector: { 'kubernetes.io/os': 'linux', zone: '' },
      podLabels: { 'sidecar.istio.io/inject': 'true' },
      podAnnotations: { 'a.b/c': 'x'.repeat(4_096) },
      terminationGracePeriodSeconds: 0,
      drainSeconds: 0,
    }),
  ],
  ['a volume', storage({})],
  [
    'a volume for many pods',
    sample('case', {
      replicas: 3,
      repository: {
        storage: { size: 1_000_000, storageClassName: 'fast', accessMode: 'ReadWriteMany', mountPath: '/a/b' },
      },
    }),
  ],
  [
    'all fields of observability',
    observed({
      tracing: { endpoint: 'https://otlp.example.com:4318/v1?tenant=a' },
      metrics: { enabled: false, path: '/m', port: 65_535, interval: '500ms' },
    }),
  ],
  ['metrics with defaults', observed({ metrics: {} })],
  [
    'all fields of healthCheck',
    healthCheck({
      path: '/healthz?deep=1',
      port: 65_535,
      liveness: { enabled: false },
      readiness: { initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 1 },
      startup: {},
    }),
  ],
  [
    'all fields of healing',
    healing({
      enabled: false,
      restartPods: 'Stuck',
      restartComponents: true,
      rollback: true,
      rollbackWindowSeconds: 604_800,
      maxActions: 10,
      windowSeconds: 86_400,
      stuckSeconds: 5,
    }),
  ],
  ['healing with defaults', healing({})],
  [
    'all fields of scheduling, sources and probes',
    model({
      imagePullSecrets: [{ name: 'a.b-c' }],
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: '.b_c-1', optional: true, onChange: 'Ignore' } } },
      ],
      envFrom: [{ prefix: 'A_', secretRef: { name: 'a', optional: false, onChange: 'Release' } }],
      probes: {
        liveness: { exec: { command: ['true'] }, timeoutSeconds: 5 },
        readiness: { grpc: { port: 9000, service: 'shop' }, successThreshold: 2 },
        startup: {
          httpGet: { path: '/', scheme: 'HTTPS', httpHeaders: [{ name: 'X-A', value: '' }] },
          failureThreshold: 1,
        },
      },
      tolerations: [{ operator: 'Exists' }, { key: 'a', value: '', effect: 'NoExecute', tolerationSeconds: -1 }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }],
          },
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'zone',
              labelSelector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b'] }] },
            },
          ],
        },
      },
      topologySpread: [
        { topologyKey: 'zone' },
        { topologyKey: 'zone', maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' },
      ],
      securityContext: {
        runAsUser: 1,
        supplementalGroups: [1, 2],
        readOnlyRootFilesystem: true,
        bindLowPorts: true,
        appArmorProfile: 'RuntimeDefault',
      },
      serviceAccountName: 'a.b',
      drainSeconds: 29,
    }),
  ],
  ['a wildcard host', sample('case', { view: { expose: { host: '*.example.com', ingressClassName: 'nginx' } } })],
  ['a Gateway', expose({ gateway: { name: 'public.v2' } })],
  [
    'a listener of a Gateway in another namespace',
    expose({ gateway: { name: 'a', namespace: 'infra', sectionName: 'https.x' } }),
  ],
  ['a Gateway, and null as ingressClassName', expose({ gateway: { name: 'a' }, ingressClassName: null })],
  [
    'all fields of blueGreen',
    blueGreen({
      enabled: true,
      autoPromotion: { enabled: false, seconds: 60 },
      previewReplicas: 1,
      scaleDownDelaySeconds: 0,
      progressDeadlineSeconds: 1,
      abortOnFailure: false,
      autoRollbackSeconds: 604_800,
      paused: true,
      revisionHistoryLimit: 0,
      hooks: {
        migrate: { component: 'repository', command: ['/app'], args: ['migrate'], timeoutSeconds: 1 },
        afterPromotion: {},
        afterRollback: { args: [''] },
      },
    }),
  ],
  ['blueGreen with defaults', blueGreen({})],
  ['the longest minReadySeconds', sample('case', { minReadySeconds: 599 })],
  [
    'all fields of checks',
    checked(
      {
        name: 'smoke',
        http: { path: '/health?deep=1', component: 'model', minStatus: 200, maxStatus: 204 },
        successes: 3,
        allowedFailures: 2,
        intervalSeconds: 1,
        timeoutSeconds: 1,
        initialDelaySeconds: 0,
        unknownAfterSeconds: 0,
        dryRun: true,
      },
      { name: 'suite', job: { image: 'tests:1', command: ['a'], args: ['-b'], env: [{ name: 'A', value: 'b' }] } },
      { name: 'errors', prometheus: { query: 'up', min: 0.5, max: 1 } },
    ),
  ],
  ['an HTTP check with defaults', checked({ name: 'smoke', http: {} })],
  ['a path that looks like a host', checked({ name: 'smoke', http: { path: '//evil.example.com/@x' } })],
  [
    'blue-green with a volume for many pods',
    blueGreen({ enabled: true }, { repository: { storage: { accessMode: 'ReadWriteMany' } } }),
  ],
  ['a volume for one pod with blue-green disabled', blueGreen({ enabled: false }, { repository: { storage: {} } })],
  ['an extended resource', resources({ 'example.com/gpu': 1 }, { 'example.com/gpu': '1' })],
];

function numbered(count: number, value: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`VAR_${index}`, value]));
}
