import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('program.mjs', import.meta.url));

interface Case {
  readonly name: string;
  readonly outcome: string;
  readonly stats: readonly string[];
  readonly uncaught: readonly string[];
}

async function casesOf(end: string): Promise<readonly Case[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, end]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
}

describe('whatever fails on the way out of a generation', () => {
  it.each([
    ['success', 'A whole text.', 'success'],
    ['failure', 'bad-request', 'error'],
    ['unsubscribing', 'left', 'cancelled'],
    ['abort', 'aborted', 'cancelled'],
    ['dispose', 'aborted', 'cancelled'],
  ])('leaves its end, its one stat and the process alone (%s)', async (end, outcome, stat) => {
    const cases = await casesOf(end);
    expect(cases.length).toBeGreaterThan(100);
    expect(cases).toEqual(cases.map(({ name }) => ({ name, outcome, stats: [stat], uncaught: [] })));
  });
});
