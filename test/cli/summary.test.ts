import { describe, expect, it } from '@jest/globals';
import type { GenerationResult } from 'scriptorium';
import { summary } from '../../src/cli/summary.js';

const measured = { words: () => 300, seconds: () => 6, perSecond: () => 80 };
const aResult = (cost: GenerationResult['cost']) =>
  ({
    usage: { inputTokens: 12, outputTokens: 400 },
    cost,
    attempts: [{}],
    segments: [{}],
    model: 'a/model',
  }) as unknown as GenerationResult;
const priced = (known: number, estimated: number, unmeasuredAttempts = 0) =>
  summary(aResult({ known, estimated, unmeasuredAttempts }), measured, 200);

describe('the price in a summary', () => {
  it('is left out for what cost nothing', () => {
    expect(priced(0, 0)).toBe('300 words, 12 + 400 tokens, 80 tokens/s, 6.0 s, a/model');
  });

  it('says how sure it is', () => {
    expect(priced(0.001, 0)).toContain(', $0.001000, ');
    expect(priced(0.001, 0.001)).toContain('about $0.002000');
    expect(priced(0.001, 0, 1)).toContain('at least $0.001000');
    expect(priced(0, 0, 1)).toContain('cost unknown');
  });
});
