import { openrouter } from '../../plugins/openrouter/index.js';
import { createPipeline } from '../../src/index.js';
import type { Wire } from '../../src/index.js';
import { Coverage } from './coverage.js';
import type { RunFunction } from './coverage.js';
import { watchSockets } from './socket-stack.js';
import type { SocketStack } from './socket-stack.js';

/** The depth of one call. */
export interface Depth extends SocketStack {
  /** Calls of `Observable.prototype.subscribe`. */
  readonly subscriptions: number;
  /** Constructions of RxJS's `Subscriber`. */
  readonly subscribers: number;
  /** Files of this project that run, without the emulator and the test kit. */
  readonly files: readonly string[];
  /** Those of them that run before the request reaches its socket. */
  readonly filesBeforeSocket: readonly string[];
}

/** The folder of the compiled project, with a slash at its end. */
const DIST = new URL('../../', import.meta.url).href;
const COUNTED = /^(src\/(?!emulator\/|testing\/)|plugins\/)/;
/** What is loaded, compiled and connected once is done by then. */
const WARM_UP_CALLS = 2;

/** Measures the third `generate()` of a pipeline with the default configuration. */
export async function measureDepth(url: string, wire: Wire): Promise<Depth> {
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'depth', baseUrl: url })],
    config: { defaults: { model: 'scriptorium/exact', wire } },
  });
  const generate = () => pipeline.generate({ prompt: 'Write a chapter.' });
  for (let call = 0; call < WARM_UP_CALLS; call += 1) await generate();

  const coverage = new Coverage();
  const reached: { readonly stack: SocketStack; readonly run: readonly RunFunction[] }[] = [];
  watchSockets((stack) => reached.push({ stack, run: coverage.take() }));
  coverage.start();
  await generate();
  const after = coverage.take();
  coverage.stop();
  await pipeline.dispose();

  const [first] = reached;
  if (first === undefined || reached.length > 1)
    throw new Error(`Expected one request, but there were ${reached.length}.`);
  const run = [...first.run, ...after];
  return {
    ...first.stack,
    subscriptions: callsOf(run, 'Observable.subscribe'),
    subscribers: callsOf(run, 'Subscriber'),
    files: ownFiles(run),
    filesBeforeSocket: ownFiles(first.run),
  };
}

/** Counts the calls of a function of RxJS. */
function callsOf(run: readonly RunFunction[], name: string): number {
  const found = run.filter((one) => one.name === name && one.url.includes('/node_modules/rxjs/'));
  return found.reduce((sum, { count }) => sum + count, 0);
}

function ownFiles(run: readonly RunFunction[]): readonly string[] {
  const files = run.filter(({ url }) => url.startsWith(DIST)).map(({ url }) => url.slice(DIST.length));
  return [...new Set(files)].filter((file) => COUNTED.test(file)).sort();
}
