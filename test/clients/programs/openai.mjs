import OpenAI from 'openai';
import { baseUrl, runJob } from './job.mjs';

const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: 'none', maxRetries: 2 });

await runJob(async ({ model, system, prompt, isStream }) => {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ];
  if (!isStream) {
    const { choices, usage } = await client.chat.completions.create({ model, messages });
    if (!Number.isInteger(usage.total_tokens)) throw new Error('there is no usage');
    return choices[0].message.content;
  }
  const runner = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
  const { choices, usage } = await runner.finalChatCompletion();
  if (!Number.isInteger(usage.total_tokens)) throw new Error('there is no usage');
  return choices[0].message.content;
});
