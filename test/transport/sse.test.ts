import { describe, expect, it, jest } from '@jest/globals';
import { sseReader } from '../../src/transport/sse.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** What a reader hands over of these pieces: the data, marked where the stream ended before its blank line. */
function dataOf(...pieces: readonly (string | Uint8Array)[]): readonly string[] {
  const seen: string[] = [];
  const reader = sseReader((data, isUnterminated) => seen.push(isUnterminated ? `${data} …` : data), 1_000);
  for (const piece of pieces) reader.push(typeof piece === 'string' ? bytes(piece) : piece);
  reader.end();
  return seen;
}

describe('sseReader', () => {
  it.each([
    ['one event', ['data: a\n\n'], ['a']],
    ['several events in one piece', ['data: a\n\ndata: b\n\n'], ['a', 'b']],
    ['an event in several pieces', ['da', 'ta: ', 'a', '\n', '\n'], ['a']],
    ['lines joined by a line feed', ['data: a\ndata: b\ndata\ndata:\n\n'], ['a\nb\n\n']],
    ['one space taken off', ['data:a\n\ndata: a\n\ndata:  a\n\n'], ['a', 'a', ' a']],
    ['nothing for comments and empty events', [': x\n\n\n\nid: 1\n\nevent: e\n\n'], []],
    ['data whatever the event is called', ['event: chunk\ndata: a\n\n'], ['a']],
    ['nothing for fields in capitals', ['DATA: a\n\nData: b\n\n'], []],
    ['CR, LF and CRLF alike', ['data: a\r\rdata: b\n\ndata: c\r\n\r\n'], ['a', 'b', 'c']],
    ['a CRLF split between two pieces', ['data: a\r', '\ndata: b\r', '\n\r', '\n'], ['a\nb']],
    ['a CR at the end of a piece and a new line after it', ['data: a\r', 'data: b\r', '\r'], ['a\nb']],
    ['a byte order mark at the start', ['\uFEFFdata: a\n\n'], ['a']],
    ['no more than one byte order mark', ['\uFEFF\uFEFFdata: a\n\ndata: b\n\n'], ['b']],
    ['an event without its blank line, marked', ['data: a\n\ndata: b'], ['a', 'b …']],
    ['an event with its line but without the blank one, marked', ['data: b\n'], ['b …']],
    ['nothing for a field name cut short', ['data: a\n\ndat'], ['a']],
    ['nothing of nothing', [''], []],
  ])('reads %s', (_, pieces, expected) => {
    expect(dataOf(...pieces)).toEqual(expected);
  });

  it('looks at each character of a long event a few times, in however many pieces it comes', () => {
    const [piece, count] = ['x'.repeat(64), 4_096];
    let looked = 0;
    const spies = (['indexOf', 'includes'] as const).map((name) => {
      const search = Reflect.get(String.prototype, name) as (...given: readonly unknown[]) => never;
      return jest.spyOn(String.prototype, name).mockImplementation(function (this: string, ...given) {
        looked += this.length;
        return Reflect.apply(search, this, given);
      });
    });
    const seen: string[] = [];
    const reader = sseReader((data) => seen.push(data), 1_000_000);
    try {
      for (const part of ['data: ', ...Array<string>(count).fill(piece), '\n\n']) reader.push(bytes(part));
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(seen).toEqual([piece.repeat(count)]);
    expect(looked).toBeGreaterThan(piece.length * count);
    expect(looked).toBeLessThan(10 * piece.length * count);
  });

  it('reads a character that is split between two pieces', () => {
    const whole = bytes('data: 🌊é\n\n');
    for (let at = 0; at <= whole.length; at += 1)
      expect(dataOf(whole.subarray(0, at), whole.subarray(at))).toEqual(['🌊é']);
  });

  it('reads a byte order mark that is split between two pieces', () => {
    const whole = bytes('\uFEFFdata: a\n\n');
    for (let at = 0; at <= 4; at += 1) expect(dataOf(whole.subarray(0, at), whole.subarray(at))).toEqual(['a']);
  });

  it('hands an event over as soon as its blank line is there, also where that ends in CR', () => {
    for (const ending of ['\n', '\r', '\r\n']) {
      const seen: string[] = [];
      sseReader((data) => seen.push(data), 1_000).push(bytes(`data: a${ending}${ending}`));
      expect(seen).toEqual(['a']);
    }
  });

  it('puts U+FFFD for what is no UTF-8', () => {
    expect(dataOf(Uint8Array.of(...bytes('data: a'), 0xff, 0xc3, ...bytes('b\n\n')))).toEqual(['a\uFFFD\uFFFDb']);
  });

  it.each([
    ['one line', ['data: ', 'x'.repeat(600), 'x'.repeat(600)]],
    ['many lines of one event', Array.from({ length: 30 }, () => `data: ${'x'.repeat(50)}\n`)],
    ['a comment', [': ', 'x'.repeat(1_200)]],
  ])('gives up on %s beyond the limit', (_, pieces) => {
    expect(() => dataOf(...pieces)).toThrow(expect.objectContaining({ code: 'buffer-limit', retryable: false }));
  });

  it('hands over what came before it gave up', () => {
    const seen: string[] = [];
    const reader = sseReader((data) => seen.push(data), 1_000);
    expect(() => reader.push(bytes(`data: a\n\ndata: ${'x'.repeat(2_000)}`))).toThrow('longer than 1000 characters');
    expect(seen).toEqual(['a']);
  });

  it('does not count events together', () => {
    expect(dataOf(...Array.from({ length: 10 }, () => `data: ${'x'.repeat(500)}\n\n`))).toHaveLength(10);
  });

  it('emits the words of an error event as an error, and its JSON as it is', () => {
    const seen: string[] = [];
    const reader = sseReader((data) => seen.push(data), 1_000);
    reader.push(bytes('event: error\ndata: the model is overloaded\n\nevent: error\ndata: {"error":{"code":503}}\n\n'));
    expect(seen).toEqual(['{"error":{"message":"the model is overloaded"}}', '{"error":{"code":503}}']);
  });
});
