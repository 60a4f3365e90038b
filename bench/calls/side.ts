// One side of the comparison, in a process of its own: makes the batches that it is sent and returns their CPU.
import { once } from 'node:events';
import { cpuOf } from '../kit/cpu.js';
import { clientOf } from './clients.js';
import type { Batch, BatchResult, SideOptions } from './protocol.js';

const call = await clientOf(JSON.parse(process.argv[2] ?? '{}') as SideOptions);

async function make({ wire, count }: Batch): Promise<void> {
  let text = '';
  const cpu = await cpuOf(async () => {
    for (let index = 0; index < count; index += 1) text = await call(wire);
  });
  const result: BatchResult = { cpu, text };
  process.send?.(result);
}

process.on('message', (batch: Batch) => void make(batch));
await once(process, 'disconnect');
process.exit();
