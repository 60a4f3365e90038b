import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { stopSignal } from '../../src/cli/stop-signal.js';

describe('the stop of a command', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('comes with %s, and its exit code is %d', (name, exitCode) => {
    const signals = new EventEmitter();
    const stop = stopSignal({ signals });
    signals.emit(name);
    expect({ isStopped: stop.signal.aborted, exitCode: stop.exitCode() }).toEqual({ isStopped: true, exitCode });
  });

  it.each(['SIGINT', 'SIGTERM'])('leaves a second signal after %s to the process, whichever it is', (first) => {
    const signals = new EventEmitter();
    stopSignal({ signals });
    signals.emit(first);
    expect(signals.eventNames()).toEqual([]);
  });

  it('listens to signals no more once the command has ended', () => {
    const signals = new EventEmitter();
    const stop = stopSignal({ signals });
    expect(signals.eventNames()).toEqual(['SIGINT', 'SIGTERM']);
    stop.release();
    expect(signals.eventNames()).toEqual([]);
  });
});
