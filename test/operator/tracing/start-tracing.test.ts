import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createLogger, format, transports } from 'winston';
import { ThrottledLogger } from '../../../operator/log/throttled-logger.ts';
import { samplerOf } from '../../../operator/tracing/sampler.ts';
import { startTracing, tracingEnabled } from '../../../operator/tracing/start-tracing.ts';
import type { Tracer } from '../../../operator/tracing/tracer.ts';
import { OtlpReceiver, type ReceivedSpan } from '../../support/otlp-receiver.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const SERVICE = { name: 'some-operator', version: '1.2.3' };

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' }, false],
  [ENDPOINT, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, false],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }, true],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
])('%j enables tracing: %s', (env, expected) => {
  expect(tracingEnabled(env)).toBe(expected);
});

test.each([
  [{}, 'ParentBased{root=AlwaysOnSampler'],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'ParentBased{root=AlwaysOffSampler'],
  [
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    'ParentBased{root=TraceIdRatioBased{0.25}',
  ],
])('%j samples by %s', (env, expected) => {
  expect(samplerOf(env).toString()).toContain(expected);
});

test.each([
  [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER is "sometimes": it must be always_on'],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '25%' }, 'OTEL_TRACES_SAMPLER_ARG is "25%"'],
  [{ OTEL_BSP_SCHEDULE_DELAY: 'soon' }, 'OTEL_BSP_SCHEDULE_DELAY is "soon"'],
])('%j is logged and disables tracing only', async (env, message) => {
  const { logger, lines } = kept();
  expect(await startTracing({ ...ENDPOINT, ...env }, SERVICE, logger)).toBeUndefined();
  expect(lines()).toEqual([expect.objectContaining({ level: 'error', error: expect.stringContaining(message) })]);
});

test('a run begins its own trace, and requests after its end do not belong to it', async () => {
  await using receiver = await OtlpReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  const tracing = await startTracing(process.env, SERVICE, kept().logger);
  vi.unstubAllEnvs();
  const tracer = tracing?.tracer as Tracer;
  const ask = (resource: string) =>
    tracer.request({ method: 'GET', verb: 'list', resource, code: '200', durationSeconds: 0, queuedSeconds: 0 });
  let late = Promise.resolve();
  await tracer.span('outer', {}, async () => {
    ask('early');
    await tracer.span('inner', {}, async () => {});
    await tracer.span('run', {}, async () => {}, { root: true });
    late = sleep(20).then(() => ask('late'));
  });
  await late;
  ask('outside');
  await tracing?.stop(5_000);
  const [outer] = receiver.named('outer');
  expect(
    receiver
      .childrenOf(outer as ReceivedSpan)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['inner', 'list early']);
  expect(receiver.named('run')[0]?.parentSpanId).toBeUndefined();
  expect(receiver.named('run')[0]?.traceId).not.toBe(outer?.traceId);
  expect(receiver.spans).toHaveLength(4);
});

test('a lasting problem is logged once in ten minutes, with the number of repeats', () => {
  let now = 0;
  const { logger, lines } = kept();
  const log = new ThrottledLogger(logger, 'lost', () => now);
  for (; now < 25 * 60_000; now += 5_000) log.warn({ error: 'down' });
  expect(lines().map(({ suppressed = 0 }) => suppressed)).toEqual([0, 119, 119]);
});

function kept() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] });
  return { logger, lines: () => lines.map((line) => JSON.parse(line)) };
}
