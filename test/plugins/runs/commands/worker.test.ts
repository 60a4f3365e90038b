import { describe, expect, it } from '@jest/globals';
import { workerArguments } from '../../../../plugins/runs/commands/worker-arguments.js';
import { limitsFor } from '../../../../plugins/runs/commands/worker-limits.js';

describe('the arguments of scriptorium worker', () => {
  it('are read', () => {
    expect(workerArguments(['--concurrency', '8', '--share', '1/4'])).toEqual({
      ...{ isHelp: false, concurrency: 8, parts: 4 },
    });
    expect(workerArguments([])).toEqual({ isHelp: false, concurrency: undefined, parts: undefined });
  });

  it.each([
    ['--concurrency 0', '--concurrency is "0"; it must be a whole number from 1 to 10000.'],
    ['--share 2/4', '--share is "2/4"; it must be one of a number of equal parts, such as 1/4.'],
    ['--share 1/0', '--share is "1/0"; it must be one of a number of equal parts, such as 1/4.'],
  ])('say what would be right: %s', (line, message) => {
    expect(() => workerArguments(line.split(' '))).toThrow(`worker: ${message}`);
  });
});

describe('the limits of a worker', () => {
  const [file, server] = ['sqlite:runs.db', 'postgres://db/runs'];

  it('are those of the machine where the journal is a file', () => {
    expect(limitsFor({ journal: file, isLimitShared: false }, undefined).config).toBeUndefined();
  });

  it('are refused where machines have neither a store nor a share', () => {
    expect(() => limitsFor({ journal: server, isLimitShared: false }, undefined)).toThrow(
      'Workers on several machines have no store of limits in common. Set plugins.redis.url, or',
    );
  });

  it.each([
    [false, 4, { rateLimit: { parts: 4 } }],
    [false, 1, undefined],
    [true, 4, { plugins: { redis: { share: '1/4' } } }],
    [true, undefined, undefined],
  ])('with a store: %s, a share of 1/%s, configure the pipeline', (isLimitShared, parts, config) => {
    expect(limitsFor({ journal: server, isLimitShared }, parts).config).toEqual(config);
  });
});
