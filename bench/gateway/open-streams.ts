import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { startEmulatorProcess } from '../kit/server-process.js';
import { startGatewayProcess } from './gateway-process.js';
import { post } from './timed-call.js';

/** Kilobytes of heap and of the process for each stream that is open and has begun. */
export async function memoryOfStreams(
  streams: number,
  transport: string,
): Promise<{ readonly heapKb: number; readonly rssKb: number }> {
  const vendor = await startEmulatorProcess({ words: 10_000, tokensPerSecond: 1 });
  const gateway = await startGatewayProcess({ vendor: vendor.url, keys: 0, transport });
  const opened = async (): Promise<IncomingMessage> => {
    const sent = post(`${gateway.url}/v1`, { kind: 'stream', tokens: 10_000 });
    sent.on('error', () => undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined).on('data', () => undefined);
    return answer;
  };
  for (let warmUp = 0; warmUp < 20; warmUp += 1) (await opened()).destroy();
  const before = await gateway.measure();
  const answers = await Promise.all(Array.from({ length: streams }, opened));
  const during = await gateway.measure();
  for (const answer of answers) answer.destroy();
  gateway.stop();
  vendor.stop();
  return {
    heapKb: ((during.heapMb - before.heapMb) * 1_000) / streams,
    rssKb: ((during.rssMb - before.rssMb) * 1_000) / streams,
  };
}
