import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { BudgetWaits } from '../../../src/chain/admit/budget-waits.js';
import type { BudgetPlace } from '../../../src/chain/admit/budget-waits.js';

function scene() {
  const changes = new Subject<void>();
  const waits = new BudgetWaits(changes);
  const woken: string[] = [];
  const waiting = (name: string, scope = 'process'): BudgetPlace => {
    const place = waits.add(scope, () => woken.push(name));
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
    const place = waits.add('process', () => woken.push('a'));
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

  it('are forgotten when they leave, asleep or awake', () => {
    const { changes, woken, waiting } = scene();
    const [first, second] = [waiting('a'), waiting('b'), waiting('c')];
    second.leave();
    changes.next();
    first.leave();
    first.leave();
    expect(woken).toEqual(['a', 'c']);
  });

  it('ask by themselves where changes are not signalled, the first one only', () => {
    const { waits, woken } = scene();
    const timers: (() => void)[] = [];
    for (const name of ['a', 'b']) {
      const place = waits.add('process', () => woken.push(name));
      place.poll((run) => timers.push(run));
      place.wait();
    }
    for (const run of timers.splice(0)) run();
    expect([woken, timers.length]).toEqual([['a'], 1]);
  });
});
