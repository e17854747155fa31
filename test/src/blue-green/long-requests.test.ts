import { expect, test } from 'vitest';
import { versionOf } from '../../../resources/index.ts';
import { boundedMessages } from '../../../src/controller/bounded-messages.ts';
import { annotate, change, condition, rest, serving } from './model-steps.ts';

const LONG = 'x'.repeat(200_000);

test('a rejected configuration whose name is too long for a revision is not recorded', () => {
  const cluster = serving({ paused: true });
  const version = versionOf(change(cluster, { image: 'b' }));
  rest(cluster);
  annotate(cluster, 'reject', `${version}-${LONG}`);
  rest(cluster);
  expect(cluster.api.status?.rejections ?? []).toEqual([]);
  annotate(cluster, 'reject', `${version}-1`);
  rest(cluster);
  expect(cluster.api.status?.rejections).toMatchObject([{ revision: `${version}-1` }]);
});

test('a long name of an unknown revision is cut where it is quoted', () => {
  const cluster = serving({ paused: true });
  annotate(cluster, 'rollback-to', LONG);
  const { message = '' } = condition(rest(cluster), 'RolledBack') ?? {};
  expect(message).toContain(`names revision ${'x'.repeat(63)}…, which does not exist`);
});

test('messages of a release are cut at the limit of the CRD, others stay', () => {
  const record = { revision: 'a', image: 'a', result: 'Aborted', at: '2026-01-01T00:00:00Z', message: LONG } as const;
  const { history } = boundedMessages({ history: [record, { ...record, message: 'short' }] });
  expect(history?.map(({ message }) => message)).toEqual(['x'.repeat(4_096), 'short']);
});
