import { type } from 'arktype';
import { describe, expect, it } from '@jest/globals';
import type { JsonSchema, ObjectInput, ObjectResult, Pipeline } from 'scriptorium';
import * as v from 'valibot';
import * as z from 'zod';

const Ship = z.object({ name: z.string(), masts: z.string().transform(Number) });

/** Never run: what counts is that it compiles, and that what should not does not. */
async function compiled(pipeline: Pipeline): Promise<void> {
  const byZod = await pipeline.generateObject({ prompt: 'Which ship?', schema: Ship });
  const masts: number = byZod.object.masts;
  const text: string = byZod.text;
  // @ts-expect-error the output of a transformation, not its input
  const before: string = byZod.object.masts;
  // @ts-expect-error no such field
  const sails: unknown = byZod.object.sails;
  const { object: byArkType } = await pipeline.generateObject({
    prompt: 'Which ship?',
    schema: type({ name: 'string' }),
  });
  const { object: byValibot } = await pipeline.generateObject({
    prompt: 'Which ship?',
    schema: v.object({ name: v.string() }),
    jsonSchema: { type: 'object' },
  });
  const names: readonly string[] = [byArkType.name, byValibot.name];
  // @ts-expect-error of a JSON Schema nothing is known
  const unknown: unknown = (await pipeline.generateObject({ prompt: 'Which ship?', schema: { type: 'object' } })).object
    .name;
  const claimed: string = (
    await pipeline.generateObject<{ name: string }>({ prompt: 'Which ship?', schema: { type: 'object' } })
  ).object.name;
  const result: ObjectResult<unknown> = await pipeline.generateObject({
    messages: [{ role: 'user', content: 'Which ship?' }],
    schema: {},
    name: 'ship',
    strict: true,
    temperature: 0,
  });
  // @ts-expect-error there is no object without a schema
  void pipeline.generateObject({ prompt: 'Which ship?' });
  // @ts-expect-error the format follows from the schema
  void pipeline.generateObject({ prompt: 'Which ship?', schema: Ship, responseFormat: { type: 'json' } });
  // @ts-expect-error an object cannot be continued from a text
  void pipeline.generateObject({ prompt: 'Which ship?', schema: Ship, continueFrom: '{' });
  // @ts-expect-error a misspelt field
  void pipeline.generateObject({ prompt: 'Which ship?', schema: Ship, temprature: 0 });
  // @ts-expect-error no schema at all
  void pipeline.generateObject({ prompt: 'Which ship?', schema: 'ship' });
  expect([masts, text, before, sails, names, unknown, claimed, result]).toHaveLength(8);
}

describe('an object', () => {
  it('has the type of its schema', () => {
    const input: ObjectInput<JsonSchema> = { prompt: 'Which ship?', schema: { type: 'object' } };
    expect([typeof compiled, input.schema]).toEqual(['function', { type: 'object' }]);
  });
});
