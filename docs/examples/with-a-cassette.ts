// A test of your own code against real answers: recorded once, and from then on replayed without a network.
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipeline, GenerationError } from 'scriptorium';
import { cassette } from 'scriptorium/plugins/cassette';
import { openrouter } from 'scriptorium/plugins/openrouter';

// In a project it is a file beside the test, such as test/cassettes/title.json.
const file = join(await mkdtemp(join(tmpdir(), 'cassettes-')), 'title.json');

/** The code under test. Usually the mode is left to SCRIPTORIUM_CASSETTE. */
async function titleOf(chapter: string, mode: 'record' | 'replay'): Promise<string> {
  const pipeline = await createPipeline({ plugins: [openrouter(), cassette({ file, mode })] });
  try {
    return (await pipeline.generate({ prompt: `Give this chapter a title: ${chapter}`, maxTokens: 20 })).text;
  } finally {
    await pipeline.dispose(); // the cassette is whole from here on
  }
}

const recorded = await titleOf('Dawn came.', 'record'); // asks the server
assert.equal(await titleOf('Dawn came.', 'replay'), recorded); // sends nothing

const error = await titleOf('Dusk fell.', 'replay').catch((reason: unknown) => reason);
assert(GenerationError.is(error) && error.code === 'configuration');
console.log(`replayed; then: ${error.message.slice(error.message.indexOf('differs'))}`);
