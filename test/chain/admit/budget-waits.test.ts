import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { BudgetWaits } from '../../../src/chain/admit/budget-waits.js';
import type { BudgetPlace } from '../../../src/chain/admit/budget-waits.js';

/** The line of a provider's limits. */
const LINE = {};

function scene() {
  const changes = new Subject<void>();
  const waits = new BudgetWaits(changes);
  const woken: string[] = [];
  const waiting = (name: string, scope = 'process', line: object = LINE): BudgetPlace => {
    const place = waits.add(scope, { wake: () => woken.push(name), line });
    place.wait();
    return place;
  };
  return { changes, waits, woken, waiting };
}

describe('attempts that wait for a budget', () => {
  it('are woken one after the other: the next one when the first has its turn', () => {
    const { changes, woken, waiting } = scene();
    const [first] = [waiting('a'), waiting('b'), waiting('c')];
    changes.next();
    expect(woken).toEqual(['a']);
    first.leave();
    expect(woken).toEqual(['a', 'b']);
  });

  it('keep their place when they are refused once more', () => {
    const { changes, woken, waiting } = scene();
    const [first] = [waiting('a'), waiting('b')];
    changes.next();
    first.wait();
    changes.next();
    expect(woken).toEqual(['a', 'a']);
  });

  it('do not miss a change that comes while the first one asks', () => {
    const { changes, woken, waiting } = scene();
    const first = waiting('a');
    changes.next();
    changes.next();
    expect(woken).toEqual(['a']);
    first.wait();
    expect(woken).toEqual(['a', 'a']);
    first.wait();
    expect(woken).toEqual(['a', 'a']);
  });

  it('do not miss a change that comes between the refusal and the wait', () => {
    const { changes, waits, woken } = scene();
    const place = waits.add('process', { wake: () => woken.push('a'), line: LINE });
    changes.next();
    place.wait();
    expect(woken).toEqual(['a']);
  });

  it('do not delay those of another scope', () => {
    const { changes, woken, waiting } = scene();
    waiting('a', 'label/book/ada');
    waiting('b', 'label/book/charles');
    changes.next();
    expect(woken).toEqual(['a', 'b']);
  });

  it('do not delay those of another line, which may wait for other limits', () => {
    const { changes, woken, waiting } = scene();
    waiting('a');
    waiting('b', 'process', { name: 'other' });
    changes.next();
    expect(woken).toEqual(['a', 'b']);
  });

  it('let the next one go on while they wait for a breaker, and come back before it', () => {
    const { changes, woken, waiting } = scene();
    const [first] = [waiting('a'), waiting('b'), waiting('c')];
    changes.next();
    first.stepAside();
    expect(woken).toEqual(['a', 'b']);
    first.comeBack();
    first.wait();
    expect(woken).toEqual(['a', 'b']);
    changes.next();
    expect(woken).toEqual(['a', 'b', 'a']);
  });

  it('leave the front of the queue, too, after they have come back', () => {
    const { changes, woken, waiting } = scene();
    const [first, second] = [waiting('a'), waiting('b'), waiting('c')];
    changes.next();
    first.stepAside();
    second.stepAside();
    expect(woken).toEqual(['a', 'b', 'c']);
    for (const place of [first, second]) {
      place.comeBack();
      place.comeBack();
      place.wait();
    }
    first.leave();
    changes.next();
    expect(woken).toEqual(['a', 'b', 'c', 'b']);
    second.leave();
    expect(woken).toEqual(['a', 'b', 'c', 'b']);
  });

  it('stay where they are unless they had stepped aside', () => {
    const { changes, woken, waiting } = scene();
    const [first, second] = [waiting('a'), waiting('b')];
    second.stepAside();
    second.comeBack();
    changes.next();
    expect(woken).toEqual(['a']);
    first.comeBack();
    first.leave();
    expect(woken).toEqual(['a', 'b']);
    second.leave();
    changes.next();
    expect(woken).toEqual(['a', 'b']);
  });

  it('let the next one ask if they leave before they were refused', () => {
    const { waits, woken, waiting } = scene();
    const asking = waits.add('process', { wake: () => woken.push('a'), line: LINE });
    waiting('b');
    asking.leave();
    expect(woken).toEqual(['b']);
  });

  it('are not woken any more once they have left, though it was their turn', () => {
    const waits = new BudgetWaits();
    const woken: string[] = [];
    const places: BudgetPlace[] = [];
    const wake = (name: string, act: () => void) => {
      const place = waits.add('process', {
        wake: () => {
          woken.push(name);
          act();
        },
        line: LINE,
      });
      place.wait();
      places.push(place);
    };
    wake('a', () => places.slice(0, 2).forEach((place) => place.leave()));
    wake('b', () => undefined);
    wake('c', () => undefined);
    waits.changed('other');
    waits.changed('process');
    expect(woken).toEqual(['a', 'c']);
  });

  it('of one scope are woken by a change of that scope alone', () => {
    const { waits, woken, waiting } = scene();
    waiting('a', 'one');
    waiting('b', 'two');
    waits.changed('two');
    expect(woken).toEqual(['b']);
  });

  it('wake each other one after the other, however many they are', () => {
    const { changes, waits } = scene();
    let started = 0;
    for (let index = 0; index < 20_000; index += 1) {
      const place = waits.add('process', {
        wake: () => {
          started += 1;
          place.leave();
        },
        line: LINE,
      });
      place.wait();
    }
    changes.next();
    expect(started).toBe(20_000);
  });

  it('are forgotten when they leave, asleep or awake', () => {
    const { changes, woken, waiting } = scene();
    const [first, second] = [waiting('a'), waiting('b'), waiting('c')];
    second.leave();
    expect(woken).toEqual([]);
    changes.next();
    first.leave();
    first.leave();
    expect(woken).toEqual(['a', 'c']);
  });

  it('may leave twice, also as the last ones', () => {
    const { changes, woken, waiting } = scene();
    const [last, other] = [waiting('a'), waiting('b', 'process', {})];
    for (const place of [last, other, last, other]) place.leave();
    changes.next();
    expect(woken).toEqual([]);
  });

  it('ask by themselves where changes are not signalled, the first one only', () => {
    const { waits, woken } = scene();
    const timers: (() => void)[] = [];
    const places: BudgetPlace[] = [];
    for (const name of ['a', 'b']) {
      const place = waits.add('process', { wake: () => woken.push(name), line: LINE });
      place.poll((run) => timers.push(run));
      place.wait();
      places.push(place);
    }
    for (const run of timers.splice(0)) run();
    expect([woken, timers.length]).toEqual([['a'], 1]);
    places[0]!.leave();
    expect(woken).toEqual(['a', 'b']);
    places[1]!.wait();
    for (const run of timers.splice(0)) run();
    expect([woken, timers.length]).toEqual([['a', 'b', 'b'], 0]);
  });
});
