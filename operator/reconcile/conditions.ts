/**
 * A condition as in all Kubernetes APIs.
 * Source: k8s.io/apimachinery, pkg/apis/meta/v1, Condition.
 */
export interface Condition {
  /** The type, such as `Ready`. One condition per type. */
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** The reason as one CamelCase word, for programs. */
  reason: string;
  /** The reason as a sentence, for people. */
  message: string;
  /** When `status` last changed, RFC 3339 in UTC. */
  lastTransitionTime: string;
  /** The metadata.generation that the condition is based on. */
  observedGeneration?: number;
}

/** The limit of `message` in Kubernetes' API conventions and in CRDs that follow them, characters. */
const MAX_MESSAGE = 32_768;

/** A condition without its time, which `conditions()` takes from the previous conditions. */
export type ConditionInput = Omit<Condition, 'lastTransitionTime'>;

/**
 * Returns the new conditions of an object, in the order given. `lastTransitionTime` is kept while the status of a condition is the
 * same, so that an unchanged condition causes no write. A message is cut at 32,768 characters, the limit of Kubernetes: the API
 * server would reject the whole status for a longer one.
 *
 * @param before the conditions in the object's current status
 * @param now the time of a change
 */
export function conditions(
  before: readonly Condition[] | undefined,
  after: readonly ConditionInput[],
  now: Date = new Date(),
): Condition[] {
  return after.map((condition) => {
    const earlier = before?.find(({ type }) => type === condition.type);
    const kept = earlier?.status === condition.status ? earlier.lastTransitionTime : undefined;
    const lastTransitionTime = kept ?? now.toISOString().replace(/\.\d+Z$/, 'Z');
    const message = condition.message.slice(0, MAX_MESSAGE).toWellFormed();
    return { ...condition, message, lastTransitionTime };
  });
}
