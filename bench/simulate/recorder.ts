import { SimulationError } from '../../src/testing/simulation/simulation-error.js';
import { excerptOf } from './excerpt.js';
import type { Violation } from './job.js';
import { patternOf } from './pattern.js';

/** Lines of the trace that are kept to show how a violation came about. */
const KEPT = 2_000;

/** Begins a violation, after the time of its line. */
const VIOLATION = 'VIOLATION ';

/** The most kinds of violations that one run reports. */
const MOST = 10;

/** Follows the trace of one run and keeps its violations, one of each kind, with the lines that lead to them. */
export class Recorder {
  readonly violations: Violation[] = [];
  private readonly seen = new Set<string>();
  private lines: string[] = [];

  /** @param processes the names of the processes that exist by now */
  constructor(private readonly processes: () => readonly string[]) {}

  /** Receives a line of the trace. */
  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > 2 * KEPT) this.lines = this.lines.slice(-KEPT);
    const at = line.indexOf(' ') + 1;
    if (line.startsWith(VIOLATION, at)) this.keep(line.slice(at + VIOLATION.length));
  }

  /** The run has thrown: the sum of the violations that are known by now, one of them, or something else. */
  failed(error: unknown): void {
    if (error instanceof SimulationError && error.cause !== undefined) {
      this.failed(error.cause);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (this.violations.some((violation) => message.startsWith(violation.message))) return;
    if (error instanceof SimulationError) this.keep(message.replace(` (seed ${error.seed})`, ''));
    else this.keep(`The scenario threw ${described(error)}`);
  }

  private keep(message: string): void {
    const pattern = patternOf(message);
    if (this.seen.has(pattern) || this.seen.size === MOST) return;
    this.seen.add(pattern);
    this.violations.push({ kind: 'invariant', message, trace: excerptOf(message, this.lines, this.processes()) });
  }
}

/** An error with the place that threw it. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [place = ''] = /^ +at .*$/m.exec(error.stack ?? '') ?? [];
  const inside = place.trim().replace(/file:\/\/\S*\/dist\//, '');
  return `${error.name}: ${error.message} ${inside}`.trimEnd();
}
