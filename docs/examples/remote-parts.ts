// A plugin that replaces the cache and the limit store by ones that many processes can share.
import { createPipeline, tokens } from 'scriptorium';
import { definePlugin, whole } from 'scriptorium/plugin';
import type { CacheStore, GenerationEvent, LimitStore, Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';

/** Stands for a server. Each question takes one trip over the network, and runs at one instant there. */
type Ask = <T>(question: (now: number) => T) => Promise<T>;

const remoteCache = (ask: Ask): CacheStore => {
  const answers = new Map<string, readonly GenerationEvent[]>();
  return {
    get: (key) => ask(() => answers.get(key)), // a failure, or no answer within 2 s, is a miss
    set: (key, events) => ask(() => answers.set(key, events)),
  };
};

/** Counts requests a minute, and obeys pauses. To be short, it counts neither tokens nor days, and keeps no interval. */
const remoteLimits = (ask: Ask): LimitStore => {
  const requests = new Map<string, Set<{ at: number }>>();
  const pausedUntil = new Map<string, number>();
  return {
    take: (keys) =>
      ask((now) => {
        const pausedMs = Math.max(...keys.map(({ key }) => pausedUntil.get(key) ?? 0)) - now;
        if (pausedMs > 0) return { reason: 'quota', retryInMs: pausedMs } as const;
        const counts = keys.map(({ key, limits: { requestsPerMinute = 0 } }) => {
          const inAMinute = [...(requests.get(key) ?? [])].filter(({ at }) => at > now - 60_000);
          const sent = new Set(inAMinute);
          requests.set(key, sent);
          return { sent, isFull: requestsPerMinute > 0 && sent.size >= requestsPerMinute };
        });
        if (counts.some(({ isFull }) => isFull)) return { reason: 'rate-limit', retryInMs: 1_000 } as const;
        const request = { at: Infinity };
        for (const { sent } of counts) sent.add(request);
        return {
          isValid: () => true,
          sent: () => void ask((sentAt) => (request.at = sentAt)), // its minute begins here
          release: () => void ask(() => (request.at = 0)), // it was never sent: the next `take` forgets it
          settle: () => undefined,
        };
      }),
    pause: (keys, forMs) =>
      void ask((now) => {
        for (const { key } of keys) pausedUntil.set(key, Math.max(pausedUntil.get(key) ?? 0, now + forMs));
      }),
  };
};

const remoteParts = (options: { readonly tripMs?: number } = {}): Plugin =>
  definePlugin({
    name: 'remote-parts',
    apiVersion: 1,
    config: { tripMs: { doc: 'Milliseconds of a trip to the server', format: whole(0), default: 5 } },
    options,
    setup(host) {
      const ask: Ask = (question) =>
        new Promise((resolve) => {
          host.clock.setTimer(host.config.tripMs, () => resolve(question(host.clock.now())));
        });
      host.replace(tokens.CACHE_STORE, remoteCache(ask));
      host.replace(tokens.LIMIT_STORE, remoteLimits(ask));
    },
  });

const pipeline = await createPipeline({ plugins: [openrouter(), remoteParts()] });
const input = { prompt: 'Name the ship.', temperature: 0, overrides: { cache: { enabled: true } } };
const first = await pipeline.generate(input);
const second = await pipeline.generate(input);
console.log(`from ${first.servedFrom}, then from ${second.servedFrom}`);
for (const { name, replacedBy, answered, failed } of pipeline.parts())
  if (replacedBy !== undefined) console.log(`${name}, by ${replacedBy}: ${answered} answered, ${failed} failed`);
await pipeline.dispose();
