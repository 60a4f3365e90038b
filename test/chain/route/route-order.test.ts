import { describe, expect, it } from '@jest/globals';
import { cheapestFirst, fastestFirst } from '../../../src/chain/route/route-order.js';

const named = (
  name: string,
  parts: { readonly cost?: bigint; readonly expectedMs?: number; readonly tries?: number },
) => ({ name, tries: 0, ...parts });
const names = (candidates: readonly { readonly name: string }[]): string =>
  candidates.map(({ name }) => name).join(' ');

describe('cheapestFirst', () => {
  it('sorts by exact cost, and keeps the order of equal ones', () => {
    const big = 10n ** 30n;
    expect(
      names(
        cheapestFirst([
          named('a', { cost: big + 1n }),
          named('b', { cost: big }),
          named('c', { cost: 0n }),
          named('d', { cost: big }),
        ]),
      ),
    ).toBe('c b d a');
  });

  it('puts unknown prices last, in their order', () => {
    expect(
      names(cheapestFirst([named('x', {}), named('a', { cost: 2n }), named('y', {}), named('b', { cost: 1n })])),
    ).toBe('b a x y');
  });
});

describe('fastestFirst', () => {
  it('sorts by the time of an answer', () => {
    expect(
      names(fastestFirst([named('slow', { expectedMs: 900, tries: 1 }), named('fast', { expectedMs: 100, tries: 9 })])),
    ).toBe('fast slow');
  });

  it('puts an untried candidate first, and a tried but unmeasured one last', () => {
    expect(
      names(
        fastestFirst([
          named('failed', { tries: 3 }),
          named('known', { expectedMs: 5, tries: 1 }),
          named('new', {}),
          named('newer', {}),
        ]),
      ),
    ).toBe('new newer known failed');
  });
});
