/** Why a release may not begin yet: others do. */
export interface TurnWait {
  /** How many releases the operator makes at a time. */
  max: number;
  /** How many are in progress, and how many of them in this namespace. */
  inProgress: number;
  inNamespace: number;
  /** When to ask again, milliseconds from now. */
  recheckMs: number;
}

/** What a release says that waits for its turn. @param name of the RestAPI */
export function turnMessage(name: string, { max, inProgress, inNamespace }: TurnWait): string {
  const limit = `the operator makes ${max} at a time (--max-releases)`;
  const why =
    inProgress >= max
      ? `${inProgress} ${inProgress === 1 ? 'release is' : 'releases are'} in progress, ${inNamespace} of them in this namespace, and ${limit}`
      : `releases of other RestAPIs go first, and ${limit}`;
  return `Waiting for its turn: ${why}. To begin at once, and to promote it when it is ready: kubectl restapi promote ${name}`;
}
