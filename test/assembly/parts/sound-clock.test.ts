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

describe('the monotonic time of a clock of a program', () => {
  it('goes on from where it was when the clock goes back, and says so', () => {
    faults.length = 0;
    const times = [100, 150, 40, 45, 45, 60];
    const sound = soundClock({ ...systemClock, monotonic: () => times.shift() ?? 0 }, report);
    expect(Array.from({ length: 6 }, () => sound.monotonic())).toEqual([100, 150, 150, 155, 155, 170]);
    expect(faults).toEqual(['The clock went back in monotonic()']);
  });

  it.each([5, 1e12])('does not go back, or leap, where the clock fails now and then (from %d)', (start) => {
    const times = [start, NaN, NaN, start + 1_000, NaN, start + 2_000];
    const sound = soundClock({ ...systemClock, monotonic: () => times.shift() ?? 0 }, report);
    const read = Array.from({ length: 6 }, () => sound.monotonic());
    expect(read).toEqual([...read].sort((a, b) => a - b));
    const expected = [start, start, start + 1_000, start + 1_000, start + 2_000];
    [read[0], read[1], read[3], read[4], read[5]].forEach((time, at) => expect(time).toBeCloseTo(expected[at]!, 3));
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
