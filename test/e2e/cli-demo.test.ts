import { afterAll, describe, expect, it } from '@jest/globals';
import { cleanUp, cli, run } from './run-cli.js';

afterAll(cleanUp);

/** A line of the tally: the bare client's value, and ours. */
const valuesOf = (stdout: string, label: string) =>
  new RegExp(`^${label} {2,}(\\S.*?) {2,}(\\S.*)$`, 'm').exec(stdout)?.slice(1);

describe('scriptorium demo', () => {
  it('needs no key; every chapter of the pipeline is the book to the letter', async () => {
    const { code, stdout, stderr } = await cli(['demo', '--seconds', '1', '--seed', '4711']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const chapters = stdout.match(/^chapter \d+: a bare client .*; scriptorium exact: .*$/gm) ?? [];
    expect(chapters.length).toBeGreaterThanOrEqual(4);
    expect(stdout).toMatch(/^Moby-Dick in a storm: 40 % of requests are faulty\. Seed 4711/);
    expect(valuesOf(stdout, 'exact')![1]).toBe(`${chapters.length}`);
    expect(['cut', 'doubled', 'failed'].map((label) => valuesOf(stdout, label)![1])).toEqual(['0', '0', '0']);
    expect(valuesOf(stdout, 'identical to the book')![1]).toBe('yes');
    const bare = ['exact', 'cut', 'doubled', 'failed'].map((label) => Number(valuesOf(stdout, label)![0]));
    expect(bare.reduce((sum, count) => sum + count, 0)).toBe(chapters.length);
    expect(stdout).not.toContain('\u001b');
  });

  it('ends by Ctrl-C with what it has counted', async () => {
    const running = run(['demo', '--seconds', '10']);
    await running.shows('storm');
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toContain('identical to the book');
  });
});
