import { describe, expect, it } from '@jest/globals';
import { jsonSchemaCheck } from '../../../src/composites/object/json-schema-check.js';

const DRAFTS = [{}, { $schema: 'http://json-schema.org/draft-07/schema#' }];

describe.each(DRAFTS)('a check by a JSON Schema (%j)', (draft) => {
  it('is that of its own schema, even if another one has the same $id', async () => {
    const $id = 'https://ships.test/ship.json';
    const isText = await jsonSchemaCheck({ ...draft, $id, type: 'string' });
    const isNumber = await jsonSchemaCheck({ ...draft, $id, type: 'number' });
    expect({ text: [isText('a'), isText(1)], number: [isNumber('a'), isNumber(1)] }).toEqual({
      text: [[], ['must be string']],
      number: [['must be number'], []],
    });
  });

  it('is refused for an invalid schema, again and again, and made for a valid one after it', async () => {
    const invalid = { ...draft, type: 'ship' };
    for (let time = 0; time < 2; time += 1)
      await expect(jsonSchemaCheck(invalid)).rejects.toThrow(/^schema is invalid: data\/type must be/);
    await expect(jsonSchemaCheck({ ...draft, type: 'string' })).resolves.toBeInstanceOf(Function);
  });
});

it('a schema of an unknown draft is refused', async () => {
  await expect(jsonSchemaCheck({ $schema: 'https://ships.test/draft', type: 'string' })).rejects.toThrow(
    'no schema with key or ref "https://ships.test/draft"',
  );
});
