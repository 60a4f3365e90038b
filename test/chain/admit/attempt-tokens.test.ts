import { describe, expect, it } from '@jest/globals';
import { AttemptTokens } from '../../../src/chain/admit/attempt-tokens.js';
import { limiters } from '../../../src/chain/admit/limiters.js';
import { localLimits } from '../../../src/chain/admit/local-limits.js';
import { PromptBounds } from '../../../src/chain/admit/prompt-bound.js';
import { PromptMeasures } from '../../../src/chain/admit/prompt-measure.js';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { AttemptRecord } from '../../../src/core/attempt.js';
import type { LimitLease } from '../../../src/core/ports.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import { UNMEASURED } from '../../../src/core/usage.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { FREE_TARIFF } from './admission-parts.js';

const RECORD: AttemptRecord = {
  attempt: 1,
  provider: 'fake',
  model: 'a-model',
  outcome: 'success',
  sent: true,
  startedAt: 0,
  latencyMs: 1,
  usage: { inputTokens: 7, outputTokens: 3, source: 'reported' },
};

function aScene(mayReason = false) {
  const bounds = new PromptBounds();
  const counts = { bounds, measures: new PromptMeasures(), parts: { tariffOf: () => ({ ...FREE_TARIFF, mayReason }) } };
  const request = withState(
    aRequest({ messages: [{ role: 'user', content: 'x '.repeat(400) }], maxTokens: 10 }),
    newGenerationState(0),
  );
  const bound = bounds.boundOf(request).tokens;
  return {
    tokens: new AttemptTokens(counts, request),
    request,
    bound,
    record: (parts: Partial<AttemptRecord> = {}) => stateOf(request).attempts.push({ ...RECORD, ...parts }),
  };
}

describe('the tokens of an attempt', () => {
  it('are held to a limit that only another pipeline with the same key has', () => {
    const [clock, shared] = [new ManualClock(), limiters()];
    const pipeline = () =>
      localLimits({
        clock,
        skewMs: 250,
        store: memoryStateStore(),
        shared: { limiters: shared, isShared: () => true },
      });
    const { tokens, bound } = aScene();
    const most = 4 * bound + 10;
    void pipeline().take([{ key: 'account', limits: { tokensPerMinute: 2 * most } }], {
      promptTokens: 0,
      outputCap: 0,
    });
    const limiter = pipeline();
    const keys = [{ key: 'account', limits: {} }];
    const taken = [1, 2, 3].map(() => 'sent' in (limiter.take(keys, tokens.demand) as LimitLease));
    expect(taken).toEqual([true, true, false]);
  });

  it('are measured only where a limit of tokens reads them', () => {
    const { tokens, request, record } = aScene();
    void localLimits({ clock: new ManualClock(), skewMs: 250, store: memoryStateStore() }).take(
      [{ key: 'account', limits: { requestsPerMinute: 5 } }],
      tokens.demand,
    );
    record({ usage: UNMEASURED });
    // The usual number, not the bound.
    expect(tokens.used(request, 0).inputTokens).toBe(200);
    expect(tokens.demand.promptTokens).toBeGreaterThan(200);
  });

  it('are not those of an attempt that the generation made before', () => {
    const { tokens, request, record } = aScene();
    record();
    expect(tokens.used(request, 0)).toEqual({ inputTokens: 7, outputTokens: 3, source: 'reported' });
    expect(tokens.used(request, 1)).toMatchObject({ outputTokens: 0, source: 'unknown' });
  });

  it.each([
    [false, 'estimated'],
    [true, 'unknown'],
  ])('of a whole answer without a count are known by its text, unless thoughts may be hidden: %s', (may, source) => {
    const { tokens, request, record } = aScene(may);
    record({ usage: UNMEASURED });
    expect(tokens.used(request, 0).source).toBe(source);
  });

  it('of an answer without a count are as many as its characters at most, if it is whole', () => {
    const use = (parts: Partial<AttemptRecord>, characters?: number) => {
      const { tokens, request, record } = aScene();
      if (characters !== undefined) stateOf(request).current = { attempt: 1, characters, sent: true };
      record({ usage: { inputTokens: 200, outputTokens: 30, source: 'estimated' }, ...parts });
      const { outputTokens, source } = tokens.used(request, 0);
      return { outputTokens, source };
    };
    const failed = { outcome: 'error' } as const;
    expect({
      whole: use({}, 120),
      short: use({}, 20),
      uncounted: use({}),
      broken: use(failed, 120),
      refused: use({ ...failed, status: 429 }, 0),
      refusedUnseen: use({ ...failed, status: 429 }),
      refusedBehindText: use({ ...failed, status: 429 }, 5),
      gaveUp: use({ ...failed, status: 504 }, 0),
      left: use({ outcome: 'cancelled' }, 120),
    }).toEqual({
      whole: { outputTokens: 120, source: 'estimated' },
      short: { outputTokens: 30, source: 'estimated' },
      uncounted: { outputTokens: 30, source: 'estimated' },
      broken: { outputTokens: 30, source: 'unknown' },
      refused: { outputTokens: 30, source: 'estimated' },
      refusedUnseen: { outputTokens: 30, source: 'estimated' },
      refusedBehindText: { outputTokens: 30, source: 'unknown' },
      gaveUp: { outputTokens: 30, source: 'unknown' },
      left: { outputTokens: 30, source: 'unknown' },
    });
  });
});
