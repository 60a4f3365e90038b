import { describe, expect, it } from '@jest/globals';
import { labelsInUrl } from '../../../../plugins/gateway/answers/labels-in-url.js';
import { GenerationError } from 'scriptorium';

describe('labels in the base URL', () => {
  it.each([
    ['book=ada', { book: 'ada' }],
    ['book=ada,policy=night', { book: 'ada', policy: 'night' }],
    ['book=ada%2C%20Countess%20%3D%20%2F', { book: 'ada, Countess = /' }],
    ['a%3Db=c=d', { 'a=b': 'c=d' }],
  ])('reads %s', (segment, labels) => {
    expect(labelsInUrl(segment)).toEqual(labels);
  });

  it('keeps a label called __proto__ as an ordinary one', () => {
    expect(Object.entries(labelsInUrl('__proto__=x'))).toEqual([['__proto__', 'x']]);
  });

  it.each(['', 'book', 'book=', '=ada', 'book=ada,,', 'book=%zz', '%e4%zz=1', 'a=1,a=2'])('refuses "%s"', (segment) => {
    expect(() => labelsInUrl(segment)).toThrow(GenerationError);
  });
});
