import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { baseUrl, runJob } from './job.mjs';

await runJob(async ({ model, system, prompt, isStream }) => {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ];
  const curl = spawn(
    'curl',
    ['--silent', '--show-error', '--fail-with-body', '--no-buffer', '--json', '@-', `${baseUrl}/v1/chat/completions`],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  curl.stdin.end(JSON.stringify({ model, messages, stream: isStream }));
  let [printed, complaint] = ['', ''];
  curl.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  curl.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const [code] = await once(curl, 'close');
  if (code !== 0) throw new Error(`curl ended with ${code}: ${complaint}`);
  if (!isStream) return JSON.parse(printed).choices[0].message.content;
  return printed
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)).choices[0]?.delta.content ?? '')
    .join('');
});
