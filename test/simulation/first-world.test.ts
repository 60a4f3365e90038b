import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** Generates an object beside other texts, twice with one seed. Jest loads modules in its own way, so Node runs it. */
const PROGRAM = `
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { aChatStream, simulate } from 'scriptorium/testing';

const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
const scenario = async (world) => {
  const host = world.host('vendor.test', async (_request, exchange) => {
    exchange.open(200, { 'content-type': 'text/event-stream' });
    for (const piece of aChatStream('{"title":', '"Dawn"}').body) await exchange.write(piece);
    await exchange.end();
  });
  const { pipeline } = await world.process('writer', {
    plugins: [openaiCompatible({ baseUrl: host.url + '/v1', model: 'a/model' })],
  });
  const [{ object }] = await Promise.all([
    pipeline.generateObject({ prompt: 'A title.', schema }),
    ...Array.from({ length: 20 }, () => pipeline.generate({ prompt: 'Write something else.' })),
  ]);
  return object.title;
};
const [first, second] = [await simulate({ seed: 1 }, scenario), await simulate({ seed: 1 }, scenario)];
console.log(JSON.stringify({ title: first.value, isSame: first.digest === second.digest }));
`;

it('the first world of a program has the same trace as the second, with generateObject', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
  expect(JSON.parse(stdout)).toEqual({ title: 'Dawn', isSame: true });
});
