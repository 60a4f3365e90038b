// The thread of windowServer(): it must not wait for the thread whose requests it judges.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { windowMs, requests, tokens, jitterMs } = workerData;
const booked = [];
const refused = [];

const server = createServer(async (incoming, response) => {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString());
  await delay(Math.random() * jitterMs);
  const input = body.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0);
  const booking = { at: performance.timeOrigin + performance.now(), tokens: input + body.max_tokens };
  const recent = booked.filter(({ at }) => at > booking.at - windowMs);
  const isIn =
    recent.length < requests && recent.reduce((sum, { tokens: size }) => sum + size, booking.tokens) <= tokens;
  (isIn ? booked : refused).push(booking);
  const completion = {
    choices: [{ message: { content: 'Done.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: body.max_tokens },
  };
  response.writeHead(isIn ? 200 : 429, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isIn ? completion : { error: { code: 429, message: 'Rate limit exceeded' } }));
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => parentPort.postMessage({ booked, refused }));
