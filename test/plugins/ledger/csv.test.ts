import { describe, expect, it } from '@jest/globals';
import { csvLine } from '../../../plugins/ledger/report/csv.js';

describe('a cell of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "' =1"],
    ['\r=1', "' =1"],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['\u200b=1', "'=1"],
    ['=HYPERLINK("a","b")', `"'=HYPERLINK(""a"",""b"")"`],
    ['-5', '-5'],
    ['+1.5e-7', '+1.5e-7'],
    ['12', '12'],
    ['a=b', 'a=b'],
    ['two\r\nlines', 'two lines'],
    ['a\u001b[31mb', 'ab'],
  ])('%j is %j', (cell, expected) => {
    expect(csvLine([cell, '7'])).toBe(`${expected},7\r\n`);
  });
});
