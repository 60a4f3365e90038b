import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { findJson } from '../../../src/composites/object/find-json.js';

const json = fc
  .json()
  .map((text) => JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value)) as unknown);
const prose = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('`', "'"));

describe('JSON in an answer', () => {
  it('is looked for once behind a million backticks', () => {
    const ticks = '`'.repeat(1_000_000);
    expect(findJson(`\`\`\`json\n${ticks}x\`\`\`\n`)).toBeUndefined();
    expect(findJson(`\`\`\`json\n{}${ticks}\n`)).toEqual({ value: {} });
  });

  it('is found with any white space around it', () => {
    fc.assert(
      fc.property(
        json,
        fc.constantFrom(undefined, 2, '\t'),
        fc.constantFrom('', ' ', '\r\n', '\uFEFF'),
        (value, indent, space) => {
          expect(findJson(space + JSON.stringify(value, null, indent) + space)).toEqual({ value });
        },
      ),
    );
  });

  it('is found in a fence, whatever its content and the text around it', () => {
    const fences = fc.tuple(
      fc.constantFrom('```json\n', '```\n', '```JSON\r\n', '  ```json\n', '````json\n'),
      fc.constantFrom('\n```', '\r\n```  ', '```', '\n````'),
    );
    fc.assert(
      fc.property(
        fc.oneof(json, fc.constant({ code: '```', more: ['a ```json\n{}\n``` b'] })),
        fc.constantFrom(undefined, 2),
        fc.tuple(fences, prose, prose),
        (value, indent, around) => {
          const [[open, close], before, after] = around;
          expect(findJson(`Here:${before}\n${open}${JSON.stringify(value, null, indent)}${close}\n.${after}`)).toEqual({
            value,
          });
        },
      ),
    );
  });

  it('is never found in a part of the text', () => {
    fc.assert(
      fc.property(
        fc.object().map((value) => JSON.stringify(value)),
        fc.nat(),
        (text, at) => {
          const part = text.slice(0, at % text.length);
          expect([findJson(part), findJson(`\`\`\`json\n${part}\n\`\`\``), findJson(`\`\`\`json\n${part}`)]).toEqual([
            undefined,
            undefined,
            undefined,
          ]);
        },
      ),
    );
  });
});
