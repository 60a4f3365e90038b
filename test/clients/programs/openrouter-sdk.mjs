import { OpenRouter } from '@openrouter/sdk';
import { baseUrl, runJob } from './job.mjs';

const client = new OpenRouter({ apiKey: 'none', serverURL: `${baseUrl}/api/v1` });

await runJob(async ({ model, system, prompt, isStream }) => {
  const chatRequest = {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    stream: isStream,
  };
  const answer = await client.chat.send({ chatRequest });
  if (!isStream) return answer.choices[0].message.content;
  let text = '';
  for await (const chunk of answer) {
    if (chunk.error) throw new Error(chunk.error.message);
    text += chunk.choices[0]?.delta?.content ?? '';
  }
  return text;
});
