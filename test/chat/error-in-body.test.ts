import { describe, expect, it } from '@jest/globals';
import { codesOf, errorInBody, errorOf, reasonOf, statusOf, statusWithin } from 'scriptorium/provider';

const found = (body: unknown) => errorInBody(JSON.stringify(body));

describe('the error in a body', () => {
  it.each<[string, unknown, string | undefined]>([
    ['an envelope', { error: { message: 'no' } }, 'no'],
    ['a text', { error: 'no' }, 'no'],
    ['a list of envelopes', [{ error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT' } }], 'no'],
    ['an object of the kind error', { object: 'error', message: 'no', type: 'x', code: 1 }, 'no'],
    ['a detail', { detail: 'no' }, 'no'],
    ['a list of complaints', { detail: [{ loc: ['body', 'n'], msg: 'no' }, { msg: 'never' }] }, 'body.n: no; never'],
    ['complaints within a message', { object: 'error', message: { detail: [{ loc: ['n'], msg: 'no' }] } }, 'n: no'],
    ['a list of errors', { errors: [{ message: 'no', code: 7 }, { message: 'never' }] }, 'no; never'],
    ['a list of texts', { errors: ['no', 'never'] }, 'no; never'],
    ['a failed answer with errors', { success: false, errors: [{ code: 7, message: 'no' }], messages: [] }, 'no'],
    ['a code and a message', { code: 20015, message: 'no', data: null }, 'no'],
    ['a message in capitals', { Message: 'no' }, 'no'],
    ['a base_resp', { base_resp: { status_code: 2013, status_msg: 'no' } }, 'no'],
    ['a base_resp without words', { base_resp: { status_code: 7 } }, 'code 7'],
    ['JSON in the message', { error: { message: '{"error":{"message":"no"}}' } }, 'no'],
    ['an error in an error', { error: { error: { message: 'no' } } }, 'no'],
    ['an envelope without words', { error: { code: 500 } }, undefined],
  ])('is read from %s', (_shape, body, message) => {
    expect(found(body)).toMatchObject({ message });
  });

  it.each<[string, unknown]>([
    ['an answer', { choices: [] }],
    ['a good base_resp', { base_resp: { status_code: 0, status_msg: '' } }],
    ['an empty list', []],
    ['a number', 7],
    ['a false error', { error: false }],
  ])('is not seen in %s', (_shape, body) => {
    expect(found(body)).toBeUndefined();
  });

  it('is not looked for beyond its depth', () => {
    let nested: unknown = 'no';
    for (let level = 0; level < 40; level += 1) nested = { error: nested };
    expect(found(nested)).toMatchObject({ message: undefined });
  });
});

describe('the vendor behind the server', () => {
  const withRaw = (raw: unknown, more: object = {}) =>
    reasonOf(errorOf({ message: 'Provider returned error', metadata: { raw, provider_name: 'X', ...more } }));

  it.each<[string, unknown, string]>([
    ['a text', 'no', 'no'],
    ['JSON in a text', '{"error":{"message":"no"}}', 'no'],
    ['an object', { message: 'no' }, 'no'],
    ['a nested error', { error: { error: { message: 'no' } } }, 'no'],
    ['a detail', { detail: 'no' }, 'no'],
    ['a list', [{ error: { message: 'no' } }, { message: 'never' }], 'no; never'],
    ['an object without words', { retryable: true }, '{"retryable":true}'],
  ])('gives its reason as %s', (_shape, raw, reason) => {
    expect(withRaw(raw)).toBe(`Provider returned error: ${reason} (from X)`);
  });

  it('is not repeated where the server has said the same', () => {
    expect(reasonOf(errorOf({ message: 'It said no.', metadata: { raw: 'no' } }))).toBe('It said no.');
  });

  it('is named after the reasons of moderation, and read once', () => {
    const error = errorOf({ message: 'flagged', metadata: { reasons: ['violence', 7], provider_name: 'X' } });
    expect([reasonOf(error), reasonOf(errorOf(error))]).toEqual([
      'flagged: reasons: violence (from X)',
      'flagged: reasons: violence (from X)',
    ]);
  });
});

describe('what an error names beside its words', () => {
  it.each([
    [{ code: 429 }, 429],
    [{ code: '503' }, 503],
    [{ status: 429, message: 'slowly' }, 429],
    [{ status_code: 500 }, 500],
    [{ statusCode: 502 }, 502],
    [{ code: 20015, http_status: 404 }, 404],
    [{ code: 20015 }, undefined],
    [{ status: 'INVALID_ARGUMENT' }, undefined],
  ])('is the status of %j: %s', (error, status) => {
    expect(statusOf(error)).toBe(status);
  });

  it('is the status of those that it holds', () => {
    expect(statusWithin({ code: 1, metadata: { raw: '{"error":{"code":429}}' } })).toBe(429);
    expect(statusWithin({ code: 429 })).toBeUndefined();
  });

  it('is the codes and types of all of them', () => {
    const error = { code: 7, type: 'outer', metadata: { raw: '{"error":{"code":"inner","status":"X"}}' } };
    expect(codesOf(error)).toEqual(['outer', 'inner', 'X']);
  });
});
