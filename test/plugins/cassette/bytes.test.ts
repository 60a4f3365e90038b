import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf, recordedChunks } from '../../../plugins/cassette/chunks.js';
import { scrubbing } from '../../../plugins/cassette/scrub.js';
import { redactor } from '../../../src/core/redaction/redactor.js';
import { Secret } from '../../../src/core/secret.js';
import { CANARY } from '../../support/pipelines.js';
import { runs } from '../../support/runs.js';
import { anyText } from '../../support/any-text.js';

const redact = redactor([new Secret(CANARY), new Secret('a"\\secret')]);

/** What is replayed of these bytes, cut at these places. */
function replayed(
  bytes: Buffer,
  cuts: readonly number[],
): { readonly bytes: Buffer; readonly sizes: readonly number[] } {
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const chunks = places.slice(1).map((end, index) => ({ atMs: index, bytes: bytes.subarray(places[index], end) }));
  const written = JSON.parse(JSON.stringify(recordedChunks(chunks, (text) => scrubbing(text, redact)))) as ReturnType<
    typeof recordedChunks
  >;
  const pieces = written.map(bytesOf);
  return { bytes: Buffer.concat(pieces), sizes: pieces.map(({ length }) => length) };
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const anyBody = anyText(60);
const plainText = anyBody.map((text) => text.toWellFormed().replaceAll(/["\\…]/g, ''));

describe('the bytes of an answer', () => {
  it('survive exactly, whatever they are and wherever they are cut, chunk by chunk', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (given, at) => {
        const bytes = Buffer.from(given);
        const places = [0, ...[...at].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const { bytes: back, sizes } = replayed(bytes, at);
        expect(back).toEqual(bytes);
        expect(sizes).toEqual(places.slice(1).map((end, index) => end - places[index]!));
      }),
      { numRuns: runs(2) },
    );
  });

  it('of text survive around a key, wherever it stands and is cut', () => {
    fc.assert(
      fc.property(fc.array(plainText, { minLength: 2, maxLength: 4 }), cuts, (parts, at) => {
        expect(replayed(Buffer.from(parts.join(CANARY)), at).bytes.toString()).toBe(parts.join('[secret]'));
      }),
      { numRuns: runs(2) },
    );
  });

  it('of JSON say the same but for the key, also where it is escaped, and in JSON inside of JSON', () => {
    const given = fc.record({
      key: fc.constantFrom(CANARY, 'a"\\secret'),
      before: plainText,
      other: anyBody,
      isPretty: fc.boolean(),
    });
    fc.assert(
      fc.property(given, cuts, ({ key, before, other, isPretty }, at) => {
        const json = (secret: string) => ({
          text: `${before}${secret}`,
          [`${secret}!`]: other,
          list: [secret, 1, null],
          inside: JSON.stringify({ deep: secret }),
        });
        const bytes = Buffer.from(JSON.stringify(json(key), undefined, isPretty ? 2 : 0));
        expect(JSON.parse(replayed(bytes, at).bytes.toString())).toEqual(json('[secret]'));
      }),
      { numRuns: runs(2) },
    );
  });

  it('of a stream keep their events', () => {
    const event = (text: string) => `: a "comment\r\ndata: ${JSON.stringify({ delta: { content: text } })}\n\n`;
    fc.assert(
      fc.property(fc.array(plainText, { minLength: 1, maxLength: 4 }), cuts, (texts, at) => {
        const body = Buffer.from(texts.map((text) => event(`${text}${CANARY}"`)).join(''));
        const back = replayed(body, at).bytes.toString();
        expect(
          back
            .split('\n\n')
            .slice(0, -1)
            .map(
              (block) =>
                (JSON.parse(block.slice(block.indexOf('data: ') + 6)) as { delta: { content: string } }).delta.content,
            ),
        ).toEqual(texts.map((text) => `${text}[secret]"`));
      }),
      { numRuns: runs(2) },
    );
  });

  it('of a very long answer are scrubbed too', () => {
    const body = Buffer.from(JSON.stringify({ text: 'word "and" \\ word '.repeat(60_000), end: CANARY }));
    expect(replayed(body, [5]).bytes.toString().endsWith('"end":"[secret]"}')).toBe(true);
  });
});
