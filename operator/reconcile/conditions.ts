/**
 * A condition as all Kubernetes APIs have it.
 * Source: k8s.io/apimachinery, pkg/apis/meta/v1, Condition.
 */
export interface Condition {
  /** What is said to be so, such as `Ready`. One condition a type. */
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** Why, as one CamelCase word for programs. */
  reason: string;
  /** Why, in words for a person. */
  message: string;
  /** When `status` last changed, RFC 3339 in UTC. */
  lastTransitionTime: string;
  /** The metadata.generation this was judged by. */
  observedGeneration?: number;
}

/** What a controller says of a condition; the time is worked out from what was there before. */
export type ConditionInput = Omit<Condition, 'lastTransitionTime'>;

/**
 * The conditions of an object after a look at it: those given, in the order given. `lastTransitionTime` stays while
 * the status stays, so that an unchanged verdict is an unchanged status and costs no write.
 *
 * @param before the conditions in the object's status now
 * @param now the time of the look
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
    return { ...condition, lastTransitionTime };
  });
}
