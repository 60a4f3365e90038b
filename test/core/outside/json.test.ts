import { describe, expect, it } from '@jest/globals';
import { isTooLarge, parseJson } from '../../../src/core/outside/json.js';

const nested = (levels: number, [open, close]: readonly [string, string]): string =>
  open.repeat(levels) + close.repeat(levels);
const LISTS = ['[', ']'] as const;
const REFUSAL = new RangeError('The JSON is nested deeper than 200 levels, or has over a million values.');

describe('JSON from outside', () => {
  it('is parsed up to 200 levels, and refused beyond', () => {
    expect(JSON.stringify(parseJson(nested(200, LISTS)))).toBe(nested(200, LISTS));
    expect(() => parseJson(nested(201, LISTS))).toThrow(REFUSAL);
    expect(() => parseJson(nested(201, ['{"a":', '}']).replace(':}', ':1}'))).toThrow(REFUSAL);
  });

  it('may have any number of lists and objects beside each other', () => {
    const list = `[${Array.from({ length: 500 }, () => '[[]],{"a":{}}').join(',')}]`;
    expect(parseJson(list)).toHaveLength(1_000);
  });

  it('is parsed up to a million values, and refused beyond', () => {
    const commas = (count: number): string => `[${'1,'.repeat(count)}1]`;
    expect(parseJson(commas(999_999))).toHaveLength(1_000_000);
    expect(() => parseJson(commas(1_000_000))).toThrow(REFUSAL);
    const objects = (count: number): string => `[${'{}'.repeat(count)}]`;
    expect({ most: isTooLarge(objects(999_999)), more: isTooLarge(objects(1_000_000)) }).toEqual({
      most: false,
      more: true,
    });
  });

  it('may hold any number of brackets and commas in its texts', () => {
    const text = '[{,'.repeat(400_000);
    expect(parseJson(JSON.stringify([text]))).toEqual([text]);
    expect(parseJson(JSON.stringify({ [text]: 1 }))).toEqual({ [text]: 1 });
  });

  it.each(['"', '\\"', '\\', '\\\\', '\\\\"', 'a"b"c'])(
    'has texts that end where they end: %j before brackets',
    (end) => {
      const text = `${'['.repeat(300)}${end}`;
      expect(parseJson(JSON.stringify([text, text]))).toEqual([text, text]);
      const deep = `[${JSON.stringify(end)},${nested(200, LISTS)}]`.padEnd(500);
      expect(() => parseJson(deep)).toThrow(REFUSAL);
    },
  );

  it('without an end is not valid, and not searched forever', () => {
    expect(isTooLarge(`["${'['.repeat(500)}`)).toBe(false);
    expect(() => parseJson(`["${'['.repeat(500)}`)).toThrow(SyntaxError);
  });
});
