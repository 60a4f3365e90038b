import { median } from '../kit/quantile.js';

/** The heap in use at some time of the run. */
export interface HeapReading {
  /** Minutes since the start. */
  readonly at: number;
  readonly mb: number;
}

/** Collects the garbage and returns the megabytes in use. */
export function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Megabytes a minute: the slope of the least-squares line through the readings. */
export function slope(readings: readonly HeapReading[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(readings.map(({ at }) => at)), mean(readings.map(({ mb }) => mb))];
  const covariance = readings.reduce((sum, { at, mb }) => sum + (at - x) * (mb - y), 0);
  return covariance / readings.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
}

/** Megabytes from the median of the first third of the readings to that of the last third. */
export function growth(readings: readonly HeapReading[]): number {
  const third = Math.max(1, Math.floor(readings.length / 3));
  const middle = (part: readonly HeapReading[]) => median(part.map(({ mb }) => mb));
  return middle(readings.slice(-third)) - middle(readings.slice(0, third));
}
