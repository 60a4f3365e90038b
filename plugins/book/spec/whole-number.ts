/** Whether a value is a whole number between two others, both included. */
export function isWholeNumber(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
