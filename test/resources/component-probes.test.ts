import { expect, test } from 'vitest';
import type { RestAPI } from '../../resources/index.ts';
import { componentProbes } from '../../resources/templates/component-probes.ts';

const probesOf = (healthCheck?: object, probes?: object) =>
  componentProbes({ spec: { healthCheck, model: { port: 8080, probes } } } as unknown as RestAPI, 'model');

const GET = { httpGet: { path: '/health', port: 'model' } };

test('defaults to GET /health on the component port without a startup probe', () => {
  expect(probesOf()).toEqual({
    livenessProbe: { ...GET, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...GET, periodSeconds: 5, failureThreshold: 3 },
    startupProbe: undefined,
  });
});

test('spec.healthCheck overrides the defaults field by field', () => {
  const httpGet = { path: '/live', port: 9000 };
  expect(
    probesOf({ path: '/live', port: 9000, liveness: { enabled: true, periodSeconds: 20 }, startup: { enabled: true } }),
  ).toEqual({
    livenessProbe: { httpGet, initialDelaySeconds: 10, periodSeconds: 20, failureThreshold: 3 },
    readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 3 },
    startupProbe: { httpGet, periodSeconds: 5, failureThreshold: 30 },
  });
});

test('probes of a component override spec.healthCheck field by field', () => {
  const common = { path: '/live', port: 9000, liveness: { enabled: true, periodSeconds: 20, timeoutSeconds: 4 } };
  const own = {
    liveness: { enabled: true, periodSeconds: 30, httpGet: { path: '/own', scheme: 'HTTP' } },
    readiness: { enabled: true, tcpSocket: {} },
  };
  expect(probesOf(common, own)).toMatchObject({
    livenessProbe: {
      httpGet: { path: '/own', scheme: 'HTTP', port: 9000 },
      periodSeconds: 30,
      timeoutSeconds: 4,
      initialDelaySeconds: 10,
    },
    readinessProbe: { tcpSocket: { port: 'model' }, periodSeconds: 5 },
  });
  expect(probesOf(common, { liveness: { enabled: true, httpGet: { port: 1 } } })).toMatchObject({
    livenessProbe: { httpGet: { path: '/live', port: 1 } },
  });
});

test('a component can enable a probe that spec.healthCheck disables', () => {
  const off = { liveness: { enabled: false }, startup: { enabled: false } };
  expect(probesOf(off)).toMatchObject({ livenessProbe: undefined, startupProbe: undefined });
  expect(probesOf(off, { liveness: { enabled: true, periodSeconds: 7 } }).livenessProbe).toEqual({
    ...GET,
    initialDelaySeconds: 10,
    periodSeconds: 7,
    failureThreshold: 3,
  });
  expect(probesOf({ liveness: { enabled: true } }, { liveness: { enabled: false } }).livenessProbe).toBeUndefined();
});
