import { ERROR_CODES } from '../../src/core/errors/codes.js';
import { WAIT_REASONS } from '../../src/core/events.js';
import type { GenerationEvent } from 'scriptorium';

/** The event types of the contract. */
export const EVENT_TYPES: Readonly<Record<GenerationEvent['type'], true>> = {
  'attempt-start': true,
  'response-metadata': true,
  'retry-scheduled': true,
  waiting: true,
  warning: true,
  'route-chosen': true,
  custom: true,
  'text-delta': true,
  'reasoning-delta': true,
  'reasoning-details': true,
  'tool-call': true,
  annotation: true,
  image: true,
  continuation: true,
  restart: true,
  'generation-end': true,
};

/** Counts of one kind, by name. */
export type Counts = Record<string, number>;

/** Counts of one or more simulations: plain data, so that processes can add theirs up. */
export interface CoverageData {
  readonly events: Counts;
  readonly codes: Counts;
  readonly waits: Counts;
  /** By row of docs/faults.md. */
  readonly faults: Counts;
  readonly outcomes: Counts;
  /** Generations by the number of their deltas. */
  readonly deltas: Counts;
  /** Generations that met a fault; that were continued. */
  readonly marks: Counts;
}

/** Counts what one or more simulations have met. */
export class Coverage {
  readonly data: CoverageData = {
    events: zeros(Object.keys(EVENT_TYPES)),
    codes: zeros(ERROR_CODES),
    waits: zeros(WAIT_REASONS),
    faults: {},
    outcomes: {},
    deltas: {},
    marks: {},
  };

  event(event: GenerationEvent): void {
    bump(this.data.events, event.type);
    if (event.type === 'waiting') bump(this.data.waits, event.for);
  }

  code(code: string): void {
    bump(this.data.codes, code);
  }

  fault(row: number, times: number): void {
    bump(this.data.faults, String(row), times);
  }

  /** One generation is over. */
  generation(outcome: string, { deltas, hadFault, wasContinued }: GenerationMarks): void {
    bump(this.data.outcomes, outcome);
    bump(this.data.deltas, String(deltas));
    if (hadFault) bump(this.data.marks, 'fault');
    if (wasContinued) bump(this.data.marks, 'continued');
  }

  add(other: CoverageData): void {
    for (const kind of Object.keys(this.data) as (keyof CoverageData)[])
      for (const [name, count] of Object.entries(other[kind])) bump(this.data[kind], name, count);
  }

  get generations(): number {
    return Object.values(this.data.outcomes).reduce((sum, count) => sum + count, 0);
  }

  get allDeltas(): number {
    return Object.entries(this.data.deltas).reduce((sum, [deltas, count]) => sum + Number(deltas) * count, 0);
  }

  get medianDeltas(): number {
    let left = this.generations / 2;
    for (const [deltas, count] of Object.entries(this.data.deltas).sort(([a], [b]) => Number(a) - Number(b))) {
      left -= count;
      if (left <= 0) return Number(deltas);
    }
    return 0;
  }
}

export interface GenerationMarks {
  readonly deltas: number;
  readonly hadFault: boolean;
  readonly wasContinued: boolean;
}

function zeros(names: readonly string[]): Counts {
  return Object.fromEntries(names.map((name) => [name, 0]));
}

function bump(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}
