import type { UsageSnapshot } from '../../src/index.js';
import type { Check } from '../kit/checks.js';
import { growth, slope } from './heap.js';
import type { HeapReading } from './heap.js';
import type { Counts } from './traffic.js';

/** The findings of a whole soak. */
export interface SoakFindings {
  readonly minutes: number;
  readonly streams: number;
  readonly counts: Counts;
  readonly stats: UsageSnapshot;
  readonly readings: readonly HeapReading[];
  readonly timers: number;
  readonly listeners: number;
  readonly sockets: number;
  readonly handles: readonly string[];
  readonly warnings: readonly string[];
  readonly foreign: readonly string[];
}

/** What the heap may differ from the first readings after the warm-up to the last. */
const MOST_GROWTH_MB = 8;
const MOST_SLOPE_MB_A_MINUTE = 2;

/** Judges the soak. */
export function checksOf(findings: SoakFindings): readonly Check[] {
  return [...countChecks(findings), ...heapChecks(findings), ...leftoverChecks(findings)];
}

function countChecks({ streams, counts, stats }: SoakFindings): readonly Check[] {
  const share = counts.cancelled / counts.generations;
  const failures = Object.values(counts.failed).reduce((sum, count) => sum + count, 0);
  const ends = counts.succeeded + counts.cancelled + failures;
  return [
    { what: 'generations', value: counts.generations, isRight: counts.generations > streams },
    { what: 'cancelled, share', value: share.toFixed(3), isRight: share > 0.1 && share < 0.3 },
    { what: 'succeeded', value: counts.succeeded, isRight: counts.succeeded > counts.generations * 0.3 },
    {
      what: 'counted: the sum of all ends',
      value: ends,
      isRight: ends === counts.generations && stats.requests === counts.generations,
    },
  ];
}

function heapChecks({ minutes, readings }: SoakFindings): readonly Check[] {
  const [growthMb, slopeMb] = [growth(readings), slope(readings)];
  return [
    { what: 'heap, growth after warm-up (MB)', value: growthMb.toFixed(2), isRight: growthMb < MOST_GROWTH_MB },
    {
      what: 'heap, slope (MB a minute)',
      value: slopeMb.toFixed(2),
      isRight: minutes < 2 || slopeMb < MOST_SLOPE_MB_A_MINUTE,
    },
  ];
}

function leftoverChecks({ timers, listeners, sockets, handles, warnings, foreign }: SoakFindings): readonly Check[] {
  const none = (what: string, list: readonly string[], separator: string): Check => ({
    what,
    value: list.join(separator) || 0,
    isRight: list.length === 0,
  });
  return [
    { what: 'timers left', value: timers, isRight: timers === 0 },
    { what: 'listeners left on a shared signal', value: listeners, isRight: listeners === 0 },
    { what: 'sockets left', value: sockets, isRight: sockets === 0 },
    none('handles left', handles, ', '),
    none('warnings', warnings, '; '),
    none('errors that are not a GenerationError', [...new Set(foreign)].slice(0, 3), '; '),
  ];
}
