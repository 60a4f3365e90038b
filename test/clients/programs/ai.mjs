import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import { baseUrl, runJob } from './job.mjs';

const provider = createOpenAICompatible({ name: 'scriptorium', baseURL: `${baseUrl}/v1`, includeUsage: true });

await runJob(async ({ model, system, prompt, isStream }) => {
  if (!isStream) return (await generateText({ model: provider(model), system, prompt })).text;
  let failure;
  const result = streamText({ model: provider(model), system, prompt, onError: ({ error }) => (failure = error) });
  let text = '';
  for await (const piece of result.textStream) text += piece;
  if (failure !== undefined) throw failure;
  return text;
});
