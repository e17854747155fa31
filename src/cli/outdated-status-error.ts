import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';

/** The status of a RestAPI is about an earlier spec, so nothing can be decided from it. */
export class OutdatedStatusError extends Error {
  override readonly name = 'OutdatedStatusError';

  constructor({ metadata }: StoredObject<RestAPI>) {
    super(
      `the operator has not reconciled the latest change of RestAPI ${metadata.namespace}/${metadata.name}. Check that it is running`,
    );
  }
}
