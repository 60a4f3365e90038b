import { randomInt } from 'node:crypto';
import { systemClock } from 'scriptorium/plugin';
import type { Clock, Random } from 'scriptorium/plugin';
import type { Worker } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { RunLimits } from '../journal/run-spec.js';
import { thisWorker } from '../journal/this-worker.js';
import type { BatchOptions } from './batch-options.js';

/** The options of a batch, checked, with the defaults filled in. */
export interface BatchSettings {
  readonly limits: RunLimits;
  readonly wait: boolean;
  readonly patienceMs: number;
  readonly checkpointMs: number;
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly worker: Worker;
}

const NUMBERS = {
  concurrency: { default: 4, least: 1, isWhole: true },
  budgetUsd: { default: 0, least: 0, isWhole: false },
  tries: { default: 5, least: 1, isWhole: true },
  restarts: { default: 2, least: 0, isWhole: true },
  patienceMs: { default: 90_000, least: 0, isWhole: false },
  checkpointMs: { default: 250, least: 1, isWhole: false },
  leaseMs: { default: 30_000, least: 100, isWhole: false },
} as const;

/** Checks the options of a batch. @throws RunError `invalid-spec` with the option, its value and what is expected */
export function settingsOf(options: BatchOptions): BatchSettings {
  const { concurrency, budgetUsd, tries, restarts, ...durations } = numbersOf(options);
  return {
    limits: { concurrency, budgetUsd, tries, restarts },
    ...durations,
    wait: options.wait ?? false,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    worker: options.worker ?? thisWorker(),
  };
}

function numbersOf(options: BatchOptions): Readonly<Record<keyof typeof NUMBERS, number>> {
  const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
  const entries = names.map((name) => [name, numberOf(name, options[name] ?? NUMBERS[name].default)] as const);
  return Object.fromEntries(entries) as Record<keyof typeof NUMBERS, number>;
}

function numberOf(name: keyof typeof NUMBERS, value: unknown): number {
  const { least, isWhole } = NUMBERS[name];
  if (typeof value === 'number' && value >= least && value < Infinity && (!isWhole || Number.isSafeInteger(value)))
    return value;
  const expected = isWhole ? 'a whole number' : 'a number';
  throw new RunError('invalid-spec', `${name} is ${String(value)}, but must be ${expected} of at least ${least}.`);
}

const RESOLUTION = 2 ** 32;

function systemRandom(): number {
  return randomInt(RESOLUTION) / RESOLUTION;
}
