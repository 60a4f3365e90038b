import { AttemptLog } from '../../../../plugins/runs/engine/attempt-log.js';

function aLog(): AttemptLog {
  const log = new AttemptLog({ generation: 'g', input: { prompt: 'Hi' }, given: 0, priceOf: () => undefined });
  log.start({ type: 'attempt-start', attempt: 1, provider: 'p', model: 'm' });
  return log;
}

const tokensOf = (log: AttemptLog) => log.running().map(({ usage }) => usage.outputTokens);

describe('the estimate of an attempt under way', () => {
  it('includes the text that may arrive before the next write', () => {
    const log = aLog();
    const before = tokensOf(log);
    log.take(4);
    const first = tokensOf(log);
    log.take(400);
    const second = tokensOf(log);
    log.take(40);
    expect({ before, first, second, third: tokensOf(log) }).toEqual({
      before: [0],
      first: [1 + 256],
      second: [101 + 100],
      third: [111 + 100],
    });
  });

  it('is what has arrived once the attempt has ended', () => {
    const log = aLog();
    log.take(400);
    log.running();
    expect(log.ended([])).toMatchObject([{ outcome: 'cancelled', usage: { outputTokens: 100 } }]);
  });
});
