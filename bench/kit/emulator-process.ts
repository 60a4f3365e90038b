// The emulator as a program of its own. Its log is cleared every second, for it would grow with every request.
import { once } from 'node:events';
import { startEmulator } from '../../src/testing.js';
import type { EmulatorOptions } from '../../src/testing.js';
import { serverOptions } from './server-process.js';

const emulator = await startEmulator(serverOptions() as EmulatorOptions);
setInterval(() => emulator.clear(), 1_000).unref();
process.send?.(emulator.url);
await once(process, 'disconnect');
await emulator.close();
process.exit();
