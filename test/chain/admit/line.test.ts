import { describe, expect, it } from '@jest/globals';
import { isSame, Line } from '../../../src/chain/admit/line.js';
import type { Member } from '../../../src/chain/admit/line.js';
import type { Wait } from '../../../src/chain/admit/pending.js';

const LIMITED: Wait = { for: 'rate-limit', untilMs: 1_000 };
const SPENT: Wait = { for: 'quota', untilMs: 90_000 };

/** A line whose members record what they see. */
function aLine() {
  const line = new Line();
  const log: string[] = [];
  const join = (name: string, onAsk: (self: Member) => void = () => undefined, isReturned = false): Member => {
    const member: Member = {
      ask: () => {
        log.push(`${name} asks`);
        onAsk(member);
      },
      pause: () => void log.push(`${name} pauses`),
      behind: (wait) => void log.push(`${name} waits for ${wait.for}`),
    };
    line.enter(member, isReturned);
    return member;
  };
  /** What has been recorded since the last call. */
  const news = (): string[] => log.splice(0);
  return { line, join, news };
}

describe('a line', () => {
  it('lets only its head ask, and the next one when that leaves', () => {
    const { line, join, news } = aLine();
    const [one, two] = [join('one'), join('two')];
    join('three');
    expect(news()).toEqual(['one asks']);
    line.changed();
    expect(news()).toEqual(['one asks']);
    line.leave(two);
    expect(news()).toEqual([]);
    line.leave(one);
    expect(news()).toEqual(['three asks']);
  });

  it('puts returned members before the head, which pauses, in their own order', () => {
    const { line, join, news } = aLine();
    const head = join('head');
    const first = join('first', undefined, true);
    const second = join('second', undefined, true);
    expect(news()).toEqual(['head asks', 'head pauses', 'first asks']);
    line.leave(first);
    line.leave(second);
    expect(news()).toEqual(['second asks', 'head asks']);
    line.leave(head);
    line.changed();
    expect(news()).toEqual([]);
  });

  it('waits as long as a refusal says, for its reason, and until a moment that is known', () => {
    const { line } = aLine();
    const [now, midnight] = [5_000, 86_400_000];
    line.resetAt = 40_000;
    expect([
      line.waitFor({ reason: 'rate-limit', retryInMs: 1_000 }, now),
      line.waitFor({ reason: 'rate-limit' }, now),
      line.waitFor({ reason: 'quota', retryInMs: 35_999 }, now),
      line.waitFor({ reason: 'quota', retryInMs: 36_000 }, now),
      line.waitFor({ reason: 'quota', retryInMs: midnight - now + 999 }, now),
      line.waitFor({ reason: 'rate-limit', retryInMs: 35_001 }, now),
      line.waitFor({ reason: 'store', detail: 'no answer' }, now),
    ]).toStrictEqual([
      { for: 'rate-limit', untilMs: 6_000 },
      { for: 'rate-limit' },
      { for: 'quota', untilMs: 40_000 },
      { for: 'quota', untilMs: 41_000 },
      { for: 'quota', untilMs: midnight },
      { for: 'rate-limit', untilMs: 40_001 },
      { for: 'store', detail: 'no answer' },
    ]);
  });

  it('runs what follows a departure before the next one asks', () => {
    const { line, join, news } = aLine();
    const seen: string[][] = [];
    const one = join('one');
    join('two');
    news();
    line.leave(one, () => seen.push(news()));
    expect([seen, news()]).toEqual([[[]], ['two asks']]);
  });

  it('serves its members one after the other without recursion, however many leave as soon as they ask', () => {
    const { line, join, news } = aLine();
    const head = join('head');
    for (let member = 0; member < 50_000; member += 1) join('next', (self) => line.leave(self));
    news();
    line.leave(head);
    expect(news()).toHaveLength(50_000);
  });

  it('keeps the place of a member that leaves and returns before the next one asks', () => {
    const { line, join, news } = aLine();
    const one = join('one');
    join('two');
    news();
    line.leave(one, () => line.enter(one, true));
    expect(news()).toEqual(['one asks']);
  });

  it('serves on if what follows a departure fails', () => {
    const { line, join, news } = aLine();
    const one = join('one');
    join('two');
    news();
    expect(() => {
      line.leave(one, () => {
        throw new Error('no attempt');
      });
    }).toThrow('no attempt');
    line.changed();
    join('three');
    expect(news()).toEqual(['two asks']);
  });
});

describe('the waits of a line', () => {
  it('are reported to each member once: to those behind, and to newcomers', () => {
    const { line, join, news } = aLine();
    join('one');
    join('two');
    news();
    line.report(LIMITED);
    line.report({ ...LIMITED, untilMs: 5_000 });
    expect(news()).toEqual(['two waits for rate-limit']);
    join('three');
    expect(news()).toEqual(['three waits for rate-limit']);
  });

  it('are reported to all if a quota holds them all, once for each time', () => {
    const { line, join, news } = aLine();
    join('one');
    join('two');
    line.report(LIMITED);
    news();
    line.report(SPENT);
    line.report({ ...SPENT, untilMs: 90_010 });
    expect(news()).toEqual(['two waits for quota']);
    line.report({ ...SPENT, untilMs: 120_000 });
    expect(news()).toEqual(['two waits for quota']);
  });

  it('are reported to all each time that a store gives no answer, so that their patience ends', () => {
    const { line, join, news } = aLine();
    join('one');
    join('two');
    news();
    for (const untilMs of [1_000, 2_000, 3_000]) line.report({ for: 'store', untilMs });
    expect(news()).toEqual(Array(3).fill('two waits for store'));
    line.report({ for: 'store' });
    line.report({ for: 'store' });
    expect(news()).toEqual(Array(2).fill('two waits for store'));
  });

  it('of a head that has left are not reported to a newcomer', () => {
    const { line, join, news } = aLine();
    const one = join('one');
    line.report(LIMITED);
    news();
    line.leave(one, () => void join('two'));
    expect(news()).toEqual(['two asks']);
  });

  it('cost each departure little, also while a quota holds a long line', () => {
    const { line, join, news } = aLine();
    const members = Array.from({ length: 1_000 }, () => join('member', () => line.report(SPENT)));
    news();
    members.forEach((member) => line.leave(member));
    expect(news()).toHaveLength(999);
  });

  it('are not reported to a member that has left in answer to one', () => {
    const { line, join, news } = aLine();
    join('one');
    const three = aLineMember(() => undefined);
    const two = aLineMember(() => line.leave(three.member));
    line.enter(two.member, false);
    line.enter(three.member, false);
    news();
    line.report(LIMITED);
    expect([two.waits, three.waits]).toEqual([[LIMITED], []]);
  });
});

describe('a wait', () => {
  it('is the same as another for the same reason until about the same time', () => {
    expect([
      isSame(SPENT, { ...SPENT, untilMs: 90_200 }),
      isSame(SPENT, { ...SPENT, untilMs: 90_300 }),
      isSame({ for: 'store' }, { for: 'store' }),
      isSame({ for: 'store' }, { for: 'store', untilMs: 1 }),
      isSame(SPENT, LIMITED),
      isSame(SPENT, undefined),
    ]).toEqual([true, false, true, false, false, false]);
  });
});

/** A member that only hears of waits. */
function aLineMember(onWait: () => void) {
  const waits: Wait[] = [];
  const member: Member = {
    ask: () => undefined,
    pause: () => undefined,
    behind: (wait) => {
      waits.push(wait);
      onWait();
    },
  };
  return { member, waits };
}
