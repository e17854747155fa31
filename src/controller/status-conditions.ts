import type { ConditionOf, ConditionTable } from '../../operator/reconcile/condition-table.ts';
import type { ReleaseCondition } from '../blue-green/release-conditions.ts';
import type { HealingCondition } from '../healing/healing-conditions.ts';
import type { ScalingCondition } from '../scaling/scaling-conditions.ts';

const REFERENCE_NOT_FOUND = 'A ConfigMap or Secret that a component references does not exist.';

/** The conditions of a RestAPI that are about neither releases, scaling nor healing. */
export const STATUS_CONDITIONS = {
  Ready: {
    meaning: 'All components of the active environment are ready, or every component is scaled to 0.',
    reasons: {
      AllReady: 'All pods of every component are ready.',
      Stopped: 'Every component is scaled to 0.',
      Progressing: 'A rollout has not finished; the message names what it waits for.',
      Migrating: 'The migration of the first version runs. Its pods start when that has succeeded.',
      MigrationFailed: 'The migration of the first version failed, so it has no pods.',
      ComponentsNotReady: 'Components that were ready with this spec no longer are.',
      ReferenceNotFound: REFERENCE_NOT_FOUND,
      NameConflict: 'An object of a required name exists and is not managed by this RestAPI.',
      ApplyFailed: 'The API server rejected a generated object.',
      KindNotServed: 'The cluster does not serve the kind of a generated object.',
      RevisionLost:
        'The revision that is active is stored nowhere; the generated objects stay unchanged, but running components are still scaled. The message names the object and the remedies.',
      InvalidSpec: 'The spec is invalid; the generated objects stay unchanged.',
      Deleting: 'The generated objects are being deleted.',
    },
  },
  NameConflict: {
    meaning: 'Present while a name is taken.',
    reasons: { NameTaken: 'Delete the named object, or give the RestAPI another name.' },
  },
  PreviewFailed: {
    meaning:
      'Present while an object could not be applied that only a release or an environment without traffic needs. The condition `Ready` does not depend on it.',
    reasons: {
      NameConflict: 'An object of a required name exists and is not managed by this RestAPI.',
      ApplyFailed: 'The API server rejected an object, for example because of a quota.',
      KindNotServed: 'The cluster does not serve the kind of an object.',
    },
  },
  ReferenceNotFound: {
    meaning:
      'Present while a release waits for a ConfigMap or Secret, or while a ConfigMap does not exist of which pods read a copy; the active environment keeps serving.',
    reasons: { ReferenceNotFound: REFERENCE_NOT_FOUND },
  },
  Contended: {
    meaning: 'Present while another writer keeps changing a generated object.',
    reasons: { ChangedByOthers: 'The message names the writer, the object and its fields.' },
  },
} as const satisfies ConditionTable;

export type StatusCondition = ConditionOf<typeof STATUS_CONDITIONS>;
export type ReadyReason = Extract<StatusCondition, { type: 'Ready' }>['reason'];
/** Any condition of a RestAPI. */
export type RestApiCondition = StatusCondition | ReleaseCondition | ScalingCondition | HealingCondition;
