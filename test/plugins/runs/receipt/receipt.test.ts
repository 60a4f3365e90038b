import { describe, expect, it } from '@jest/globals';
import { receiptOf } from 'scriptorium/plugins/runs';
import { sha256Of } from '../../../../plugins/runs/receipt/digest.js';
import { aDoneItem } from './frozen-journal.js';

describe('the receipt of a text', () => {
  it('names for each span the attempt that wrote it, with its digest in UTF-8', () => {
    const record = aDoneItem(0, ['Ada — ', 'naïve 🙂']);
    const receipt = receiptOf(record);
    expect(receipt).toEqual({
      run: 'run-1',
      item: 'chapter-1',
      sha256: sha256Of('Ada — naïve 🙂'),
      bytes: 19,
      words: 4,
      spans: [
        { from: 0, to: 8, generation: 'run-1/chapter-1/1', attempt: 1, sha256: sha256Of('Ada — ') },
        { from: 8, to: 19, generation: 'run-1/chapter-1/1', attempt: 2, sha256: sha256Of('naïve 🙂') },
      ],
      attempts: record.records,
      cost: record.cost,
    });
  });

  it('has the attempts that left nothing in the text, and their cost', () => {
    const [first, second] = aDoneItem(0, ['Ada ', 'wrote.']).records;
    const record = { ...aDoneItem(0, ['Ada wrote.']), records: [first, second].flatMap((each) => each ?? []) };
    expect(receiptOf(record)).toMatchObject({ spans: [{ from: 0, to: 10 }], attempts: [first, second] });
  });

  it('is that of the text so far if the item is not done', () => {
    const { result: _result, sha256: _sha256, words: _words, ...record } = aDoneItem(0, ['Ada wrote']);
    expect(receiptOf({ ...record, state: 'parked' })).toMatchObject({
      bytes: 9,
      words: 2,
      sha256: sha256Of('Ada wrote'),
    });
  });
});
