/** The size of the output and whether it has colours. */
export interface Viewport {
  /** Columns; longer lines are cut. Infinity if lines may wrap. */
  width: number;
  /** Rows; further lines are hidden. Infinity if the output may scroll. */
  height: number;
  colour: boolean;
}
