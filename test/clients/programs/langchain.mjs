import { ChatOpenAI } from '@langchain/openai';
import { baseUrl, runJob } from './job.mjs';

await runJob(async ({ model, system, prompt, isStream }) => {
  const chat = new ChatOpenAI({ model, apiKey: 'none', configuration: { baseURL: `${baseUrl}/v1` }, maxRetries: 2 });
  const messages = [
    ['system', system],
    ['human', prompt],
  ];
  if (!isStream) return (await chat.invoke(messages)).content;
  let text = '';
  for await (const piece of await chat.stream(messages)) text += piece.content;
  return text;
});
