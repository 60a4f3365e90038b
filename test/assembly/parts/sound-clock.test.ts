import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { soundClock, soundRandom } from '../../../src/assembly/parts/sound-clock.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { FAULTS } from './faulty-parts.js';

const faults: string[] = [];
const report = (culprit: string, fault: string): void => void faults.push(`${culprit} ${fault}`);

describe('a clock of a program', () => {
  it('is asked as it is', () => {
    const clock = new ManualClock(1_000);
    const sound = soundClock(clock, report);
    const fired: number[] = [];
    sound.setTimer(5, () => fired.push(sound.monotonic()));
    const cancel = sound.setTimer(7, () => fired.push(-1));
    cancel();
    clock.advance(10);
    expect({ now: sound.now(), fired }).toEqual({ now: 1_010, fired: [5] });
  });

  it.each(Object.keys(FAULTS))('is replaced by the clock of the system where it fails: it %s', async (name) => {
    faults.length = 0;
    const fault = FAULTS[name] as () => never;
    const sound = soundClock({ now: fault, monotonic: fault, setTimer: fault }, report);
    const before = systemClock.now();
    expect(sound.now()).toBeGreaterThanOrEqual(before);
    expect(sound.monotonic()).toBeGreaterThan(0);
    expect(faults).toHaveLength(2);
    await new Promise<void>((resolve) => void sound.setTimer(0, resolve));
    sound.setTimer(60_000, () => undefined)();
    expect(faults).toHaveLength(4);
  });
});

describe('a source of chance', () => {
  it.each([...Object.values(FAULTS), () => -1, () => 1, () => 2])('counts as one half where it fails', (fault) => {
    faults.length = 0;
    expect(soundRandom(fault as () => number, report)()).toBe(0.5);
    expect(faults).toHaveLength(1);
  });

  it('is asked as it is otherwise', () => expect(soundRandom(() => 0.25, report)()).toBe(0.25));
});
