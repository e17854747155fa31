/** A watch that has been opened again. */
export interface Reconnection {
  /** Why the previous watch ended, for a log line. */
  reason: string;
  /** The same as one of a few words, for metrics: `ended`, `silent`, `stale`, `history`, or the `kind` of a Recovery. */
  cause: string;
  /** Whether the whole collection was, or is being, listed again. */
  relisted: boolean;
  /** From noticing the end of the previous watch to opening this one, milliseconds. */
  gapMs: number;
}
