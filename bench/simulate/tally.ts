import { createHash } from 'node:crypto';
import { Coverage } from '../../test/simulation/coverage.js';
import type { Scenario } from '../../test/simulation/scene.js';
import type { Job, JobResult, Violation } from './job.js';
import { patternOf } from './pattern.js';

/** One kind of violation of one scenario. */
export interface Finding extends Violation {
  readonly scenario: string;
  /** The smallest seed that shows it. The message and the trace are from there. */
  readonly job: Job;
  /** How many seeds show it. */
  readonly seeds: number;
}

/** The result of all runs of one scenario. */
export interface ScenarioSummary {
  readonly name: string;
  readonly runs: number;
  /** Runs that show a violation. */
  readonly violated: number;
  readonly coverage: Coverage;
  /** Virtual milliseconds, all runs together. */
  readonly elapsedMs: number;
  readonly findings: readonly Finding[];
}

/** The result of all runs. */
export interface Summary {
  readonly scenarios: readonly ScenarioSummary[];
  readonly coverage: Coverage;
  readonly elapsedMs: number;
  readonly cpuMs: number;
  /** SHA-256 of the digests of all traces: equal for equal calls of the program. */
  readonly digest: string;
}

/** Sums the results of runs. They may come in any order. */
export class Tally {
  private readonly scenarios: readonly ScenarioTally[];
  private readonly digests = new Map<string, string>();
  private cpuMs = 0;

  constructor(scenarios: readonly Pick<Scenario, 'name'>[]) {
    this.scenarios = scenarios.map(({ name }) => new ScenarioTally(name));
  }

  add(job: Job, result: JobResult): void {
    this.cpuMs += result.cpuMs;
    this.digests.set(`${job.scenario}/${job.seed}`, result.digest);
    this.scenarios.find(({ name }) => name === job.scenario)?.add(job, result);
  }

  summary(): Summary {
    const scenarios = this.scenarios.map((scenario) => scenario.summary());
    const coverage = new Coverage();
    for (const scenario of scenarios) coverage.add(scenario.coverage.data);
    const digests = [...this.digests].map((entry) => entry.join(' ')).sort();
    return {
      scenarios,
      coverage,
      elapsedMs: scenarios.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
      cpuMs: this.cpuMs,
      digest: createHash('sha256').update(digests.join('\n')).digest('hex'),
    };
  }
}

class ScenarioTally {
  private readonly coverage = new Coverage();
  private readonly findings = new Map<string, Finding>();
  private runs = 0;
  private violated = 0;
  private elapsedMs = 0;

  constructor(readonly name: string) {}

  add(job: Job, { coverage, elapsedMs, violations }: JobResult): void {
    this.runs += 1;
    this.elapsedMs += elapsedMs;
    this.coverage.add(coverage);
    if (violations.length > 0) this.violated += 1;
    for (const violation of violations) this.find(job, violation);
  }

  summary(): ScenarioSummary {
    const { name, runs, violated, coverage, elapsedMs } = this;
    const findings = [...this.findings.values()].sort((one, other) => one.job.seed - other.job.seed);
    return { name, runs, violated, coverage, elapsedMs, findings };
  }

  private find(job: Job, violation: Violation): void {
    const pattern = patternOf(violation.message);
    const before = this.findings.get(pattern);
    const first =
      before !== undefined && before.job.seed < job.seed ? before : { ...violation, scenario: this.name, job };
    this.findings.set(pattern, { ...first, seeds: (before?.seeds ?? 0) + 1 });
  }
}
