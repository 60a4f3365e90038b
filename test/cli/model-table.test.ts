import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from 'scriptorium';
import { modelTable } from '../../src/cli/model-table.js';
import { perMillion } from '../../src/cli/per-million.js';
import { sorted } from '../../src/cli/sort-models.js';

const capabilities = {
  tools: true,
  structuredOutputs: false,
  reasoning: true,
  vision: false,
  audio: false,
  files: false,
};
const MODELS: readonly ModelInfo[] = [
  {
    id: 'a/short',
    contextLength: 131_072,
    maxOutputTokens: 8_192,
    price: { prompt: '0.000003', completion: '0.000015' },
    capabilities,
  },
  { id: 'b/a-model-with-a-very-long-name-indeed', contextLength: 1_048_576, price: { prompt: '0', completion: '0' } },
  { id: 'c/unknown' },
];

describe('the table of models', () => {
  it('shows capabilities as words where there is room', () => {
    expect(modelTable(MODELS, Infinity).split('\n')).toEqual([
      'id                                      context  output  in $/M  out $/M  capabilities',
      'a/short                                    131k      8k    3.00    15.00  tools reasoning',
      'b/a-model-with-a-very-long-name-indeed    1.05M       –    free     free',
      'c/unknown                                     –       –       –        –',
      '',
    ]);
  });

  it('shows them as letters, with a legend, where words do not fit', () => {
    const lines = modelTable(MODELS, 80).split('\n');
    expect(lines[1]).toBe('a/short                                    131k      8k    3.00    15.00  t·r···');
    expect(lines.at(-2)).toBe('t tools, s structured, r reasoning, v vision, a audio, f files');
  });

  it.each([62, 70, 80, 86, 120])('fits %d columns', (width) => {
    expect(
      Math.max(
        ...modelTable(MODELS, width)
          .split('\n')
          .slice(0, -2)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width);
  });

  it('cuts ids with a mark, last of all', () => {
    expect(modelTable(MODELS, 70)).toContain('b/a-model-with-a-very-long-…  ');
  });
});

describe('a price a million tokens', () => {
  it.each([
    ['0.000003', '3.00'],
    ['0.00000025', '0.25'],
    ['0.000000091', '0.091'],
    ['0.00018', '180.00'],
    ['0.000000083333', '0.083333'],
    ['1e-7', '0.10'],
    ['2.5e-6', '2.50'],
    ['0.0000000001', '0.0001'],
    ['12', '12000000.00'],
    ['.5', '500000.00'],
    ['0', 'free'],
    ['0.00', 'free'],
    ['-1', '–'],
    ['', '–'],
  ])('of %s a token is %s', (price, shown) => {
    expect(perMillion(price)).toBe(shown);
  });

  it('is a dash where it is unknown', () => {
    expect(perMillion(undefined)).toBe('–');
  });
});

describe('the order of models', () => {
  const ids = (sort: Parameters<typeof sorted>[1]): string =>
    sorted(MODELS, sort)
      .map(({ id }) => id[0])
      .join('');

  it('is by the price of the answer, what is unknown last', () => expect(ids('price')).toBe('bac'));
  it('is by context, the longest first', () => expect(ids('context')).toBe('bac'));
  it('is by name', () =>
    expect(
      sorted([...MODELS].reverse(), 'name')
        .map(({ id }) => id[0])
        .join(''),
    ).toBe('abc'));
  it('is as it came where none is asked for', () => expect(ids(undefined)).toBe('abc'));
});
