/** What drawing has to keep to. */
export interface Look {
  /** Columns; longer lines are cut. Infinity where nothing wraps. */
  width: number;
  /** Rows; what does not fit is left out. Infinity where there is no limit. */
  height: number;
  colour: boolean;
}
