import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Logger } from 'scriptorium';
import { guardedLogger } from '../../src/logging/guarded-logger.js';

const warnings: unknown[] = [];
beforeEach(() => {
  warnings.length = 0;
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(warning));
});
afterEach(() => void jest.restoreAllMocks());

const every = (write: () => unknown) => ({ debug: write, info: write, warn: write, error: write }) as Logger;

describe('a guarded logger', () => {
  it('passes on every line with its fields', () => {
    const lines: unknown[] = [];
    const note =
      (severity: string) =>
      (...line: unknown[]) =>
        lines.push([severity, ...line]);
    const logger = guardedLogger({
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
    });
    logger.warn('slow', { tookMs: 5 });
    logger.error('broken');
    expect(lines).toEqual([
      ['warn', 'slow', { tookMs: 5 }],
      ['error', 'broken'],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('warns once, by a warning of Node, if the logger %s', async (_, write) => {
    const logger = guardedLogger(every(write));
    logger.info('one');
    logger.info('two');
    await new Promise(setImmediate);
    expect(warnings).toEqual(['The logger failed: disk full. Further failures are not reported.']);
  });

  it('handles the errors that a logger emits, as winston does for a file that it cannot open', () => {
    const emitter = Object.assign(
      new EventEmitter(),
      every(() => undefined),
    );
    guardedLogger(
      every(() => undefined),
      emitter,
    );
    expect(() => emitter.emit('error', new Error('EACCES'))).not.toThrow();
    expect(warnings).toHaveLength(1);
  });
});
