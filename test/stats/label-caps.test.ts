import { describe, expect, it } from '@jest/globals';
import { UsageStats } from '../../src/stats/usage-stats.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { aGeneration, anAttempt } from './a-stat.js';

describe('labels of which there are too many', () => {
  const record = (...labels: readonly Record<string, string>[]) => {
    const stats = new UsageStats(new ManualClock());
    for (const each of labels)
      for (const stat of [anAttempt({ labels: each }), aGeneration({ labels: each })]) stats.record(stat);
    return stats.snapshot();
  };

  it('by value share the group (other) of their name', () => {
    const { byLabel } = record(...Array.from({ length: 250 }, (_, index) => ({ chapter: String(index) })));
    expect(Object.keys(byLabel.chapter!)).toHaveLength(201);
    expect(byLabel.chapter!['(other)']!.requests).toBe(50);
  });

  it('and values, of all labels together, share the groups (other)', () => {
    const { byLabel } = record(
      ...Array.from({ length: 150 }, (_, index) =>
        Object.fromEntries(Array.from({ length: 10 }, (__, name) => [`label-${name}`, `${name}-${index}`])),
      ),
    );
    expect(Object.values(byLabel).reduce((sum, groups) => sum + Object.keys(groups).length, 0)).toBe(1_010);
  });

  it('by name share one group under the name (other)', () => {
    const { byLabel } = record(...Array.from({ length: 80 }, (_, index) => ({ [`label-${index}`]: 'x' })));
    expect(Object.keys(byLabel)).toHaveLength(51);
    expect(Object.keys(byLabel['(other)']!)).toEqual(['(other)']);
    expect(byLabel['(other)']!['(other)']!.requests).toBe(30);
    expect(
      record(...Array.from({ length: 60 }, (_, index) => ({ [`label-${index}`]: 'x', 'label-0': 'x' }))).byLabel[
        'label-0'
      ]!.x!.requests,
    ).toBe(60);
  });

  it('by name on one generation count it once', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label-${index}`, 'x']));
    expect(record(many).byLabel['(other)']!['(other)']).toMatchObject({ requests: 1, attempts: 1 });
  });
});
