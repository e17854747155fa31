import { expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { historyOf } from '../../../src/cli/history.ts';

const kept = (name: string) => ({ name, number: 1, image: 'shop:1', createdAt: '2026-01-01T00:00:00Z' });

test('a revision is listed with its environment, and with every configuration of a rejected version', () => {
  const rejection = { revision: 'b-1', scope: 'Version', reason: 'Rejected', message: 'a user rejected it', at: 'now' };
  const api = {
    metadata: { name: 'shop', namespace: 'default' },
    status: {
      rejections: [rejection],
      environments: [
        { name: 'blue', role: 'active', revision: 'a-1' },
        { name: 'green', role: 'idle', revision: 'b-1' },
      ],
    },
  } as unknown as StoredObject<RestAPI>;
  const { revisions } = historyOf(api, ['a-1', 'b-1', 'b-2', 'c'].map(kept));
  expect(revisions.map(({ name, role }) => [name, role])).toEqual([
    ['a-1', 'active in blue'],
    ['b-1', 'green, rejected'],
    ['b-2', 'rejected'],
    ['c', undefined],
  ]);
});
