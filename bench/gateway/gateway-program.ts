// The gateway as a program of its own. It answers each IPC message with its memory and CPU, and ends with the channel.
import { once } from 'node:events';
import { keyStore } from '../../plugins/gateway/access/keys/key-store.js';
import { startGateway } from '../../plugins/gateway/index.js';
import type { Policy } from '../../plugins/gateway/index.js';
import { memoryStateStore } from '../../src/index.js';
import { serverOptions } from '../kit/server-process.js';
import { heapUsed } from '../soak/heap.js';
import { benchPipeline } from './bench-pipeline.js';
import type { GatewaySettings, Measure } from './gateway-process.js';

const settings = serverOptions() as GatewaySettings;
const pipeline = await benchPipeline(settings);

const store = memoryStateStore();
const policies: Record<string, Policy> = {};
const keys: string[] = [];
for (let number = 0; number < settings.keys; number += 1) {
  const name = `client-${number}`;
  policies[name] = policyOf(number);
  keys.push(await keyStore(store).add({ name, policy: name, now: Date.now() }));
}
const gateway = await startGateway(pipeline, { port: 0, ...(keys.length > 0 && { keys: store, policies }) });

let collectingMs = 0;
process.on('message', () => process.send?.(measured()));
process.send?.({ url: gateway.url, keys });
await once(process, 'disconnect');
await gateway.close(0);
await pipeline.dispose();
process.exit();

/** Limits and budgets that are counted and never reached. The clients of every third key may come back. */
function policyOf(number: number): Policy {
  return {
    labels: { client: `${number}` },
    limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrency: 1_000 },
    budget: { dayUsd: 1_000_000, generationUsd: 1 },
    ...(number % 3 === 0 && { reattachMs: 2_000 }),
  };
}

/** The collection is the measurement's work, not the gateway's. */
function measured(): Measure {
  const cpuMs = cpuSpent();
  const heapMb = heapUsed();
  const measure = { heapMb, rssMb: process.memoryUsage().rss / 1e6, cpuMs: cpuMs - collectingMs };
  collectingMs += cpuSpent() - cpuMs;
  return measure;
}

function cpuSpent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
