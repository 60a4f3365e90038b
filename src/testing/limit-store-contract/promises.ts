import type { LimitLease, LimitRefusal, LimitStore } from '../../core/ports.js';
import type { LimitKey, Limits } from '../../core/provider.js';
import { must, said } from '../must.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortCheck, PortScene, PortWorld } from '../port-contract/scene.js';

/** The surroundings of a limit store under proof. */
export interface LimitStoreWorld extends PortWorld {
  /** By how much longer than a minute the window of requests and tokens is. */
  readonly skewMs: number;
}

/** Makes the limit store under proof, as two processes see it: all of its limits are free. */
export type MakeLimitStore = MakePort<LimitStore, LimitStoreWorld>;

type Scene = PortScene<LimitStore>;

const SKEW_MS = 2_000;
const WINDOW_MS = 60_000 + SKEW_MS;
const NOON_MS = 43_200_000;
const by = checkWith<LimitStore, LimitStoreWorld>({ skewMs: SKEW_MS });

const key = (limits: Limits, name = 'a'): LimitKey => ({ key: name, limits });
const isLease = (answer: LimitLease | LimitRefusal): answer is LimitLease => 'release' in answer;

async function take(store: LimitStore, keys: readonly LimitKey[], tokens = 1): Promise<LimitLease | LimitRefusal> {
  return store.take(keys, { promptTokens: tokens, outputCap: 0 });
}

async function lease(store: LimitStore, keys: readonly LimitKey[], tokens = 1): Promise<LimitLease> {
  const answer = await take(store, keys, tokens);
  must(isLease(answer), `A demand that fits was refused: ${said(answer)}.`);
  return answer;
}

async function sent(scene: Scene, store: LimitStore, keys: readonly LimitKey[]): Promise<LimitLease> {
  const taken = await lease(store, keys);
  taken.sent();
  await scene.quiet();
  return taken;
}

interface Refused {
  readonly for?: LimitRefusal['reason'];
  readonly tokens?: number;
}

async function refused(store: LimitStore, keys: readonly LimitKey[], parts: Refused = {}): Promise<LimitRefusal> {
  const { for: reason = 'rate-limit', tokens } = parts;
  const answer = await take(store, keys, tokens);
  must(!isLease(answer), 'A demand beyond a limit was not refused.');
  must(answer.reason === reason, `A demand was refused for ${said(answer.reason)}; the reason is ${said(reason)}.`);
  return answer;
}

/** A refusal must not keep callers waiting beyond this time. */
function mustEnd({ retryInMs }: LimitRefusal, ms: number): void {
  must(
    retryInMs !== undefined && retryInMs > 0 && retryInMs <= ms,
    `A refusal says that the demand fits in ${said(retryInMs)} ms; that is at most ${ms}.`,
  );
}

const MINUTES = {
  'counts the requests of all processes in a minute': by(async (scene) => {
    const keys = [key({ requestsPerMinute: 2 })];
    await sent(scene, scene.first, keys);
    await sent(scene, scene.second, keys);
    mustEnd(await refused(scene.first, keys), WINDOW_MS);
    mustEnd(await refused(scene.second, keys), WINDOW_MS);
  }),
  'counts a request until a whole window after it was sent': by(async (scene) => {
    const keys = [key({ requestsPerMinute: 1 })];
    const taken = await lease(scene.first, keys);
    await scene.pass(5_000);
    taken.sent();
    await scene.pass(WINDOW_MS - 1);
    await refused(scene.second, keys);
    await scene.pass(2);
    await lease(scene.second, keys);
  }),
  'counts a request that is not sent yet': by(async (scene) => {
    const keys = [key({ requestsPerMinute: 1 })];
    await lease(scene.first, keys);
    await scene.pass(WINDOW_MS / 2);
    await refused(scene.second, keys);
  }),
  'does not count a request that was never sent': by(async (scene) => {
    const keys = [key({ requestsPerMinute: 1, tokensPerMinute: 10, requestsPerDay: 1 })];
    (await lease(scene.first, keys, 10)).release();
    await scene.quiet();
    await lease(scene.second, keys, 10);
  }),
  'takes the first of sent and release': by(async (scene) => {
    const keys = [key({ requestsPerMinute: 1 })];
    (await sent(scene, scene.first, keys)).release();
    await scene.quiet();
    await refused(scene.second, keys);
    const other = [key({ requestsPerMinute: 1 }, 'b')];
    const freed = await lease(scene.first, other);
    freed.release();
    freed.sent();
    await scene.quiet();
    await lease(scene.second, other);
  }),
  'keeps the least interval between requests of all processes': by(async (scene) => {
    const keys = [key({ minIntervalMs: 1_000 })];
    await sent(scene, scene.first, keys);
    mustEnd(await refused(scene.second, keys), 1_000);
    await scene.pass(1_001);
    await lease(scene.second, keys);
  }),
  'counts tokens, reserved ones and those that were used': by(async (scene) => {
    const keys = [key({ tokensPerMinute: 100 })];
    const early = await lease(scene.first, keys, 80);
    early.sent();
    await scene.quiet();
    await refused(scene.second, keys, { tokens: 30 });
    early.settle({ inputTokens: 20, outputTokens: 30, source: 'reported' });
    await scene.quiet();
    await lease(scene.second, keys, 40);
    await refused(scene.first, keys, { tokens: 20 });
  }),
} as const;

const KEYS = {
  'takes a demand from all keys or from none': by(async (scene) => {
    const [wide, narrow] = [key({ requestsPerMinute: 2 }, 'wide'), key({ requestsPerMinute: 1 }, 'narrow')];
    await sent(scene, scene.first, [narrow]);
    await refused(scene.second, [wide, narrow]);
    await scene.quiet();
    await lease(scene.first, [wide]);
    await lease(scene.second, [wide]);
    await refused(scene.first, [wide]);
  }),
  'counts each key for itself, and nothing without a limit': by(async (scene) => {
    await sent(scene, scene.first, [key({ requestsPerMinute: 1 }, 'a')]);
    await lease(scene.first, [key({ requestsPerMinute: 1 }, 'b')]);
    for (let count = 0; count < 10; count += 1) await sent(scene, scene.second, [key({}, 'free')]);
  }),
} as const;

const DAYS = {
  'counts the requests of all processes in a day, until midnight UTC': by(async (scene) => {
    const keys = [key({ requestsPerDay: 2 })];
    await sent(scene, scene.first, keys);
    await sent(scene, scene.second, keys);
    mustEnd(await refused(scene.first, keys, { for: 'quota' }), NOON_MS + SKEW_MS);
    await refused(scene.second, keys, { for: 'quota' });
    await scene.pass(NOON_MS + SKEW_MS);
    await lease(scene.second, keys);
  }),
  'blocks a key in all processes while it is paused, and never shortens a pause': by(async (scene) => {
    const keys = [key({})];
    await lease(scene.second, keys);
    scene.first.pause(keys, 30_000);
    scene.first.pause(keys, 1_000);
    await scene.quiet();
    mustEnd(await refused(scene.first, keys, { for: 'quota' }), 30_000);
    mustEnd(await refused(scene.second, keys, { for: 'quota' }), 30_000);
    await scene.pass(29_999);
    await refused(scene.second, keys, { for: 'quota' });
    await scene.pass(2);
    await lease(scene.second, keys);
  }),
  'adopts the quota of the day that the server reports, unless it has counted more': by(async (scene) => {
    const keys = [key({})];
    if (scene.first.seedDay === undefined) return;
    for (let count = 0; count < 3; count += 1) await sent(scene, scene.first, [key({ requestsPerDay: 1_000 })]);
    scene.first.seedDay(keys, { used: 1, limit: 4 });
    await scene.quiet();
    await sent(scene, scene.first, keys);
    await refused(scene.first, keys, { for: 'quota' });
    const other = [key({}, 'b')];
    await lease(scene.first, other);
    scene.first.seedDay(other, { used: 9, limit: 9 });
    await scene.quiet();
    await refused(scene.first, other, { for: 'quota' });
  }),
} as const;

/** The promises of every `LimitStore`, each a sentence with the check that proves it. */
export const LIMIT_STORE_PROMISES = { ...MINUTES, ...KEYS, ...DAYS } as const satisfies Readonly<
  Record<string, PortCheck<LimitStore, LimitStoreWorld>>
>;
