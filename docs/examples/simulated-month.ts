// A month of a vendor in a second: its limit, its outage on the 12th, and a process that is killed on the 15th.
import assert from 'node:assert/strict';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { aChatStream, simulate } from 'scriptorium/testing';
import type { Host, World } from 'scriptorium/testing';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const wordsOf = (prompt: string) => Array.from({ length: 10 }, (_, index) => `${prompt}, word ${index + 1}. `);

/** The vendor, a plain function: it serves one request a minute, and says how long the others have to wait. */
function quill(world: World): Host {
  let freeAt = 0;
  let hasRefused = false;
  const host = world.host('quill.test', async ({ body }, exchange) => {
    const waitMs = freeAt - host.clock.now();
    if (waitMs > 0) {
      world.check(!hasRefused, 'A request came before the time that the vendor had named.');
      hasRefused = true;
      exchange.open(429, { 'retry-after': Math.ceil(waitMs / 1_000) });
      return exchange.end('{ "error": { "message": "One request a minute." } }');
    }
    [freeAt, hasRefused] = [host.clock.now() + MINUTE, false];
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    exchange.open(200, { 'content-type': 'text/event-stream' });
    for (const piece of aChatStream(...wordsOf(messages.at(-1)?.content ?? '')).body) {
      await exchange.pause(50);
      await exchange.write(piece);
    }
    return exchange.end();
  });
  return host;
}

async function month(world: World) {
  const vendor = quill(world);
  world.at(11 * DAY, () => vendor.crash());
  world.at(11 * DAY + 3 * HOUR, () => vendor.start());
  const writer = await world.process('writer', {
    plugins: [openaiCompatible({ id: 'quill', baseUrl: `${vendor.url}/v1`, model: 'quill-1' })],
  });
  world.at(14 * DAY + 500, () => void writer.restart()); // in the middle of a text

  const outcomes = { whole: 0, failed: 0, killed: 0 };
  const write = async (prompt: string): Promise<void> => {
    const day = Math.floor(world.elapsedMs / DAY) + 1;
    try {
      const result = await writer.run(({ pipeline }) => pipeline.generate({ prompt }));
      outcomes[result === 'killed' ? 'killed' : 'whole'] += 1;
      if (result !== 'killed') world.check(result.text === wordsOf(prompt).join(''), () => `${prompt} is not whole.`);
    } catch (error) {
      outcomes.failed += 1;
      world.check(day === 12, () => `${prompt} failed on day ${day}: ${String(error)}`);
    }
  };
  for (let hour = 0; hour < 30 * 24; hour += 2)
    await Promise.all([write(`Page ${hour}`), write(`Page ${hour + 1}`), world.sleep(2 * HOUR)]);

  await writer.stop();
  world.check(writer.timers + writer.connections + writer.leases === 0, 'The process has left something behind.');
  return outcomes;
}

const { value, elapsedMs } = await simulate({ seed: 1 }, month);
assert.deepEqual(value, { whole: 714, failed: 4, killed: 2 });
console.log(`${Math.round(elapsedMs / DAY)} days: ${JSON.stringify(value)}`);
