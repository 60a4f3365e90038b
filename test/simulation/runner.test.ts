import { describe, expect, it } from '@jest/globals';
import { readArguments, UsageError } from '../../bench/simulate/arguments.js';
import { coverageTable } from '../../bench/simulate/coverage-table.js';
import { excerptOf } from '../../bench/simulate/excerpt.js';
import type { Job, JobResult, Violation } from '../../bench/simulate/job.js';
import { jobsOf } from '../../bench/simulate/jobs.js';
import { patternOf } from '../../bench/simulate/pattern.js';
import { reportOf } from '../../bench/simulate/report.js';
import { failuresOf, totalsOf } from '../../bench/simulate/requirements.js';
import { runJob } from '../../bench/simulate/run-job.js';
import { shrink } from '../../bench/simulate/shrink.js';
import type { Candidate } from '../../bench/simulate/shrink.js';
import { Tally } from '../../bench/simulate/tally.js';
import { virtualTime, wrapped } from '../../bench/simulate/text.js';
import { Coverage } from './coverage.js';
import type { Scene } from './scene.js';

const KNOWN = ['storm', 'outage'];
const HOUR_MS = 3_600_000;

const aJob = (changes: Partial<Job> = {}): Job => ({
  ...{ scenario: 'storm', seed: 1, size: 1, days: 30, isTwice: false },
  ...changes,
});
const aViolation = (changes: Partial<Violation> = {}): Violation => ({
  ...{ kind: 'invariant' as const, message: 'writer-3: a wrong text', trace: ['1.000 writer: end'] },
  ...changes,
});

/** A result with so many generations of 40 deltas each, every second one of them continued after a fault. */
function aResult(generations: number, ...violations: Violation[]): JobResult {
  const coverage = new Coverage();
  for (let index = 0; index < generations; index += 1)
    coverage.generation('succeeded', { deltas: 40, hadFault: index % 2 === 0, wasContinued: index % 2 === 0 });
  return { coverage: coverage.data, elapsedMs: HOUR_MS, digest: 'abc', cpuMs: 1_500, violations };
}

/** The message of the error that a command line leads to. */
function mistakeIn(...words: string[]): string {
  try {
    readArguments(words, KNOWN);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'none';
}

describe('the command line of npm run simulate', () => {
  it('runs every scenario with 200 seeds by default', () => {
    expect(readArguments([], KNOWN)).toEqual({
      ...{ scenarios: KNOWN, seeds: { first: 1, last: 200 }, days: 30, size: 1 },
      ...{ isTraced: false, isShrunk: false, isRunTwice: false, isFull: true },
    });
  });

  it.each([
    ['5', { first: 5, last: 5 }],
    ['1..200', { first: 1, last: 200 }],
    ['7..7', { first: 7, last: 7 }],
  ])('reads the seeds %s', (text, seeds) => {
    expect(readArguments(['--seeds', text], KNOWN).seeds).toEqual(seeds);
  });

  it('is a full run only with every scenario, 200 seeds and the whole size', () => {
    const isFull = (...words: string[]): boolean => readArguments(words, KNOWN).isFull;
    expect({
      more: isFull('--seeds', '1..1000'),
      fewer: isFull('--seeds', '1..199'),
      one: isFull('--scenario', 'storm'),
      smaller: isFull('--size', '0.5'),
      shorter: isFull('--days', '10'),
    }).toEqual({ more: true, fewer: false, one: false, smaller: false, shorter: false });
  });

  it('names the mistake and the remedy', () => {
    expect(mistakeIn('--scenario', 'strom')).toBe('No scenario "strom"; known: storm, outage.');
    expect(mistakeIn('--seeds', 'many')).toContain('a whole number or a range such as 1..200, not "many"');
    expect(mistakeIn('--seeds', '9..2')).toContain('Begin with the smaller seed: 2..9.');
    expect(mistakeIn('--days', '0')).toBe('--days takes a number above 0, not "0".');
    expect(mistakeIn('--size', '')).toBe('--size takes a number above 0, not "".');
    expect(mistakeIn('--seed', '1')).toContain('Usage: npm run simulate');
    expect(mistakeIn('--trace', '--scenario', 'storm')).toContain('--scenario storm --seeds 1 --trace.');
    expect(mistakeIn('--trace', '--shrink')).toContain('exclude each other');
  });
});

describe('the runs', () => {
  it('are those of every seed and scenario, the first seed twice', () => {
    const jobs = jobsOf(readArguments(['--seeds', '3..4', '--size', '0.5'], KNOWN), [
      { name: 'storm' },
      { name: 'outage' },
    ]);
    expect(jobs).toEqual([
      { scenario: 'storm', seed: 3, size: 0.5, days: 30, isTwice: true },
      { scenario: 'outage', seed: 3, size: 0.5, days: 30, isTwice: true },
      { scenario: 'storm', seed: 4, size: 0.5, days: 30, isTwice: false },
      { scenario: 'outage', seed: 4, size: 0.5, days: 30, isTwice: false },
    ]);
  });

  it('are fewer for a large scenario, and always have the first seed', () => {
    const seedsOf = (seeds: string): readonly number[] =>
      jobsOf(readArguments(['--seeds', seeds], KNOWN), [{ name: 'storm', oneSeedIn: 4 }]).map(({ seed }) => seed);
    expect({ many: seedsOf('2..12'), one: seedsOf('7') }).toEqual({ many: [2, 6, 10], one: [7] });
  });
});

describe('a run of a scenario', () => {
  const run = (scenario: (scene: Scene) => Promise<void>, isTwice = false): Promise<JobResult> =>
    runJob(aJob({ isTwice }), { name: 'storm', about: '', run: scenario });

  it('reports what it checks and what it throws', async () => {
    const { violations, elapsedMs } = await run(async ({ world }) => {
      await world.sleep(5);
      world.violation('3 timers are left.');
      world.violation('4 timers are left.');
      throw new TypeError('broken');
    });
    expect(elapsedMs).toBe(5);
    expect(violations.map(({ message }) => message)).toEqual([
      '3 timers are left.',
      expect.stringContaining('The scenario threw TypeError: broken at '),
    ]);
  });

  it('reports a scenario that waits for what never comes', async () => {
    const { violations } = await run(() => new Promise(() => undefined));
    expect(violations.map(({ message }) => message)).toEqual([expect.stringContaining('Nothing is left to happen')]);
  });

  it('shows where two runs of one seed differ', async () => {
    let runs = 0;
    const { violations } = await run(async ({ world }) => {
      await world.sleep(1);
      world.note(`run ${(runs += 1)}`);
    }, true);
    expect(violations).toEqual([
      {
        kind: 'determinism',
        message: 'The same seed gave two different traces.',
        trace: ['1.000 world: scenario', 'one:   1.000 run 1', 'other: 1.000 run 2'],
      },
    ]);
  });

  it('has random choices of its own for every seed', async () => {
    const choices: number[] = [];
    const scenario = {
      name: 'storm',
      about: '',
      run: ({ random }: Scene) => Promise.resolve(void choices.push(random())),
    };
    for (const seed of [1, 1, 2]) await runJob(aJob({ seed }), scenario);
    expect(choices[1]).toBe(choices[0]);
    expect(choices[2]).not.toBe(choices[0]);
  });
});

describe('an excerpt of a trace', () => {
  const LINES = ['1 world: scenario', '2 writer: timer', '3 reader: timer', '4 generation writer-1 failed'];

  it('has the lines of the process that the message names', () => {
    expect(excerptOf('writer has 2 timers', LINES, ['writer', 'reader'])).toEqual([LINES[1], LINES[3]]);
  });

  it('leaves out what is about other generations', () => {
    expect(excerptOf('writer-12: a wrong text', LINES, ['writer'])).toEqual([LINES[1]]);
    expect(excerptOf('writer-1: a wrong text', LINES, ['writer'])).toEqual([LINES[1], LINES[3]]);
  });

  it('has all lines but the timers of hosts if the message names none, the last 25 at most', () => {
    expect(excerptOf('Nothing is left', [...LINES, '5 vendor: timer'], ['writer', 'reader'])).toEqual(LINES);
    const many = Array.from({ length: 100 }, (_, index) => `${index} world: scenario`);
    expect(excerptOf('Nothing is left', many, [])).toEqual(many.slice(-25));
  });

  it('joins the pieces of a body that arrive one after the other', () => {
    expect(
      excerptOf('', ['1 writer: 10 bytes', '2 writer: 5 bytes', '3 writer: end', '4 writer: 7 bytes'], []),
    ).toEqual(['2 writer: 15 bytes in 2 pieces', '3 writer: end', '4 writer: 7 bytes']);
  });
});

describe('violations of one kind', () => {
  it('differ in numbers, names of generations and quotations only', () => {
    expect(patternOf('writer-17: at character 9 it has "a b" and 12.5 in all.')).toBe(
      patternOf('writer-3: at character 10 it has "c \\" d" and 7 in all.'),
    );
    expect(patternOf('3 timers are left.')).not.toBe(patternOf('3 connections are left.'));
  });

  it('are one finding, with the smallest seed and the number of seeds', () => {
    const tally = new Tally([{ name: 'storm' }]);
    for (const seed of [9, 4, 7])
      tally.add(aJob({ seed }), aResult(1, aViolation({ message: `writer-${seed} is wrong` })));
    const [scenario] = tally.summary().scenarios;
    expect(scenario?.violated).toBe(3);
    expect(scenario?.findings).toEqual([
      {
        ...aViolation({ message: 'writer-4 is wrong' }),
        scenario: 'storm',
        job: aJob({ seed: 4 }),
        seeds: 3,
      },
    ]);
  });
});

describe('what fails the program', () => {
  const failures = (...violations: Violation[]): readonly string[] => {
    const tally = new Tally([{ name: 'storm' }]);
    tally.add(aJob(), aResult(1, ...violations));
    return failuresOf(tally.summary(), false, []);
  };

  it('is a violation, a crash, and a seed that gives two traces', () => {
    expect(failures()).toEqual([]);
    expect(failures(aViolation())).toEqual(['storm shows 1 violation.']);
    const others = [aViolation({ kind: 'crash', message: 'a' }), aViolation({ kind: 'determinism', message: 'b' })];
    expect(failures(aViolation(), ...others)).toEqual(['storm shows 3 violations.']);
  });

  it('is a total or a count that a full run misses', () => {
    const tally = new Tally([{ name: 'storm' }]);
    tally.add(aJob(), aResult(10));
    expect(totalsOf(tally.summary().coverage).map(({ name, value, isMet }) => ({ name, value, isMet }))).toEqual([
      { name: 'generations', value: '10', isMet: false },
      { name: 'met a fault', value: '50.0 %', isMet: true },
      { name: 'continued', value: '50.0 %', isMet: true },
      { name: 'median deltas', value: '40', isMet: true },
    ]);
    const failed = failuresOf(tally.summary(), true, [{ row: 12, title: 'A reset.' }]);
    expect(failed).toContain('generations: 10, at least 300,000 required.');
    expect(failed).toContain('fault rows under 100: 12.');
    expect(failed.find((line) => line.startsWith('waits under 100'))).toContain('retry-budget');
  });
});

describe('the report', () => {
  it('has a table, totals, coverage and violations in 80 columns', () => {
    const tally = new Tally([{ name: 'storm' }, { name: 'outage-of-hours' }]);
    tally.add(aJob({ seed: 17 }), aResult(1_200, aViolation()));
    tally.add(aJob({ scenario: 'outage-of-hours', size: 0.5 }), aResult(2, aViolation({ message: 'budget exceeded' })));
    const options = readArguments(['--seeds', '1..17'], KNOWN);
    const lines = reportOf({ options, summary: tally.summary(), wallMs: 2_000, faultRows: [] });
    expect(lines.filter((line) => line.length > 80 && !line.includes('npm run'))).toEqual([]);
    expect(lines.slice(0, 12)).toEqual([
      '2 runs: seeds 1..17, 30 days, size 1',
      '',
      'scenario        runs generations deltas virtual  fault continued violations',
      'storm              1       1,200 48,000   1.0 h 50.0 %    50.0 %          1',
      'outage-of-hours    1           2     80   1.0 h 50.0 %    50.0 %          1',
      '',
      'totals',
      '  generations           1,202',
      '  met a fault          50.0 %',
      '  continued            50.0 %',
      '  median deltas            40',
      '  virtual time          2.0 h',
    ]);
    expect(lines.slice(lines.indexOf('violations'))).toEqual([
      'violations',
      '',
      '1. storm, seed 17, in 1 of 1 runs',
      '   writer-3: a wrong text',
      '      1.000 writer: end',
      '   npm run simulate -- --scenario storm --seeds 17 --trace',
      '',
      '2. outage-of-hours, seed 1, in 1 of 1 runs',
      '   budget exceeded',
      '      1.000 writer: end',
      '   npm run simulate -- --scenario outage-of-hours --seeds 1 --size 0.5 --trace',
      '',
      'FAILED: storm shows 1 violation.',
      'FAILED: outage-of-hours shows 1 violation.',
    ]);
  });

  it('marks counts under 100 in a full run', () => {
    const coverage = new Coverage();
    coverage.fault(12, 250);
    const rows = [12, 13].map((row) => ({ row, title: `Fault ${row}.` }));
    const table = coverageTable(coverage.data, rows, true);
    expect(table.slice(table.indexOf('fault rows'))).toEqual([
      'fault rows',
      '  12 250      13   0 !',
      '',
      'fault rows under 100',
      '    13  Fault 13.',
      '',
      '!  under 100',
    ]);
    expect(coverageTable(coverage.data, rows, false).join()).not.toContain('!');
  });

  it('writes virtual time in minutes, hours or days, and long words on several lines', () => {
    expect([90_000, 26 * HOUR_MS, 720 * HOUR_MS].map(virtualTime)).toEqual(['1.5 min', '26.0 h', '30 d']);
    expect(wrapped(`one ${'x'.repeat(100)}`, '  ')).toEqual(['  one', `  ${'x'.repeat(78)}`, `  ${'x'.repeat(22)}`]);
  });
});

describe('shrinking', () => {
  const start: Candidate = { seed: 5, size: 1, days: 30 };
  /** Shows the violation where the test holds. */
  const where = (holds: (candidate: Candidate) => boolean) => (candidate: Candidate) =>
    Promise.resolve(holds(candidate) ? JSON.stringify(candidate) : undefined);

  it('halves the size and then the days while the violation remains', async () => {
    expect(
      await shrink(
        start,
        where(({ size, days }) => size >= 0.2 && days >= 10),
      ),
    ).toEqual({ seed: 5, size: 0.25, days: 15 });
  });

  it('tries neighbouring seeds where the own one no longer shows it', async () => {
    expect(
      await shrink(
        start,
        where(({ seed, size, days }) => days === 30 && (size === 1 || (seed === 8 && size >= 0.5))),
      ),
    ).toEqual({ seed: 8, size: 0.5, days: 30 });
  });

  it('keeps what has no effect', async () => {
    expect(await shrink(start, () => Promise.resolve('same trace'))).toEqual(start);
  });
});
