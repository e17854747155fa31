import { expect, test } from 'vitest';
import type { ReconcileContext, StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { readSnapshot } from '../../../src/controller/snapshot.ts';
import { pod, restApi } from '../healing/objects.ts';

test("H2: releases, scaling and healing see the RestAPI's own pods, not others with its labels", () => {
  const own = pod('model', 'own', 'well');
  const debug: StoredObject = { ...own, metadata: { ...own.metadata, name: 'debug', ownerReferences: [] } };
  const cached: Record<string, StoredObject[]> = { Pod: [own, debug] };
  const context = {
    primary: restApi(),
    references: [],
    observed: () => [],
    watched: (kind: string) => cached[kind] ?? [],
  } as unknown as ReconcileContext<RestAPI>;
  const names = readSnapshot(context, {}).pods.map(({ metadata }) => metadata.name);
  expect(names).toEqual(['own']);
});
