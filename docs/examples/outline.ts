// An outline as an object: the model's answer is checked against a schema, and has its type.
import { createPipeline, InterruptedError, InvalidObjectError } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import * as z from 'zod';

const Outline = z.object({
  title: z.string().min(1),
  chapters: z
    .array(z.object({ heading: z.string().min(1), words: z.int().min(500).max(5_000) }))
    .min(3)
    .max(12),
});

const pipeline = await createPipeline({ plugins: [openrouter()] });
try {
  const { object, cost, attempts } = await pipeline.generateObject({
    prompt: 'Outline a biography of Ada Lovelace.',
    schema: Outline,
    name: 'outline',
    maxTokens: 2_000,
  });
  console.log(object.title);
  object.chapters.forEach(({ heading, words }, index) => console.log(`${index + 1}. ${heading}, ${words} words`));
  console.log(`${attempts.length} attempt(s), $${cost.known}`); // both rounds, if it took two
} catch (error) {
  // Asked twice, and still not what was asked for; or cut by the token cap. What was written and paid for is there.
  if (error instanceof InvalidObjectError) console.log(`not an outline: ${error.issues.join('; ')}`);
  else if (!(error instanceof InterruptedError)) throw error;
  else console.log(error.message);
  console.log(`it wrote: ${error.partial?.text}, for $${error.partial?.usage.costUsd}`);
}
await pipeline.dispose();
