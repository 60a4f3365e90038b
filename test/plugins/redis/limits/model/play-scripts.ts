import type { RedisReply } from '../../../../../plugins/redis/connection.js';
import { readBeat } from '../../../../../plugins/redis/limits/beat-reply.js';
import { KnownLimits } from '../../../../../plugins/redis/limits/known-limits.js';
import type { KnownKey } from '../../../../../plugins/redis/limits/known-limits.js';
import { LEASE_MS } from '../../../../../plugins/redis/limits/limit-commands.js';
import {
  LEAVE,
  PAUSE,
  RELEASE,
  SEED_DAY,
  SENT,
  SETTLE,
  STATE_KEYS,
  TAKE,
} from '../../../../../plugins/redis/limits/limit-scripts.js';
import { ABANDON, BEAT, BRING, BURY } from '../../../../../plugins/redis/limits/worker-scripts.js';
import type { RedisScript } from '../../../../../plugins/redis/scripts.js';
import type { ScriptHistory, ScriptStep } from './script-history.js';

const DAY_MS = 86_400_000;
const NAMES = ['a', 'b'];

/** Runs a script on one side. */
export type RunScript = (
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<RedisReply> | RedisReply;

/** Where a history is played. */
export interface Server {
  readonly run: RunScript;
  /** Loses its memory. */
  readonly forget: () => Promise<unknown>;
  /** Sets since when it remembers. */
  readonly remember: (since: number) => Promise<unknown>;
}

type Said = Exclude<ScriptStep, { readonly type: 'advance' | 'forget' } | { readonly request: number }>;
type Of<T extends ScriptStep['type']> = Extract<ScriptStep, { readonly type: T }>;

/** Says what a history says to one server, and keeps its replies. What is said next depends on them. */
export class ScriptPlayer {
  readonly replies: unknown[] = [];
  private now: number;
  /** The members of each `take` by key. */
  private readonly taken: (readonly string[])[] = [];
  private readonly known: readonly (readonly KnownKey[])[];

  constructor(
    private readonly server: Server,
    private readonly history: ScriptHistory,
    startAt: number,
  ) {
    this.now = startAt;
    this.known = history.limits.map((keys) => {
      const known = new KnownLimits({ skewMs: 0, parts: 0 });
      return keys.map((limits, index) => ({ ...known.of([{ key: NAMES[index] ?? '', limits: {} }])[0]!, limits }));
    });
  }

  async play(): Promise<readonly unknown[]> {
    await this.server.remember(this.now - this.history.memoryMs);
    for (const step of this.history.steps) {
      if (step.type === 'advance') this.now += step.ms;
      else if (step.type === 'forget') await this.server.forget();
      else if ('request' in step) await this.report(step);
      else await this.say(step);
    }
    return this.replies;
  }

  private async say(step: Said): Promise<void> {
    if (step.type === 'take') await this.take(step);
    else if (step.type === 'beat') await this.beat(step);
    else if (step.type === 'leave') await this.run(LEAVE, [0, 1], [`w${step.worker}`]);
    else if (step.type === 'bury') await this.run(BURY, [0, 1], [`w${step.worker}`]);
    else if (step.type === 'bring') await this.bring(step);
    else await this.change(step);
  }

  private async change(step: Of<'pause'> | Of<'seed'>): Promise<void> {
    const [name, chosen] = [`w${step.worker}`, chosenOf(step.keys)];
    const limits = chosen.map((at) => this.limits(step.worker, at));
    if (step.type === 'seed') await this.run(SEED_DAY, chosen, [name, step.used, ...limits]);
    else
      await this.run(PAUSE, chosen, [name, step.ms, ...chosen.flatMap((at, i) => [limits[i] ?? '', `${name}|${at}`])]);
  }

  private async bring({ worker, cost, ago }: Of<'bring'>): Promise<void> {
    const day = Math.floor(this.now / DAY_MS);
    const member = `w${worker}:b${this.replies.length}|${cost}`;
    const args = [0, 1].flatMap((at) => [`w${worker}`, this.limits(worker, at), day, 1, 1, member, ago]);
    this.taken.push([member, member]);
    await this.run(BRING, [0, 1], [LEASE_MS, ...args]);
  }

  private async take({ worker, keys, prompt, cap, seenMsAgo, remembers }: Of<'take'>): Promise<void> {
    const chosen = chosenOf(keys);
    const id = `w${worker}:${this.taken.length}`;
    const day = Math.floor(this.now / DAY_MS);
    const reply = await this.server.run(
      TAKE,
      ['epoch', ...keysOf(chosen)],
      [
        ...[this.now, `w${worker}`, id, LEASE_MS, prompt, prompt < 0 ? -1 : cap, this.now - seenMsAgo],
        ...chosen.flatMap((at) => [this.limits(worker, at), -1, day, remembers]),
      ],
    );
    this.replies.push(readable(reply));
    const [reason, , , ...figures] = reply as readonly RedisReply[];
    const members = chosen.map((_, index) => `${id}|${String(figures[index * 4])}`);
    if (reason === 'ok') this.taken.push(NAMES.map((_, at) => members[chosen.indexOf(at)] ?? ''));
  }

  private async beat({ worker, seenMsAgo }: Of<'beat'>): Promise<void> {
    const keys = this.known[worker] ?? [];
    const args = keys.flatMap(({ limits, share, shared, since, day, count }) => [
      ...[limits, share.requests, share.tokens, share.day],
      ...[shared.since, shared.requests, shared.tokens],
      ...[since, day, count],
    ]);
    const reply = await this.server.run(
      BEAT,
      ['epoch', ...keysOf([0, 1])],
      [this.now, `w${worker}`, this.now - seenMsAgo, ...args],
    );
    this.replies.push(readable(reply));
    readBeat(reply as readonly RedisReply[], keys);
  }

  private async report(step: Extract<ScriptStep, { request: number }>): Promise<void> {
    const members = this.taken[step.request];
    if (members === undefined) return;
    const chosen = [0, 1].filter((at) => members[at] !== '');
    const day = Math.floor(this.now / DAY_MS);
    const named = chosen.flatMap((at) => [members[at] ?? '', day]);
    const [id = ''] = (members.find(Boolean) ?? '').split('|');
    if (step.type === 'sent') await this.run(SENT, chosen, [step.ago, ...named]);
    else if (step.type === 'release') await this.run(RELEASE, chosen, named);
    else if (step.type === 'abandon') await this.run(ABANDON, chosen, [id]);
    else {
      const after = `${id}|${step.cost}`;
      await this.run(SETTLE, chosen, [step.output, ...chosen.flatMap((at) => [members[at] ?? '', after])]);
      this.taken[step.request] = members.map((member) => (member === '' ? '' : after));
    }
  }

  private async run(script: RedisScript, chosen: readonly number[], args: readonly (string | number)[]): Promise<void> {
    this.replies.push(readable(await this.server.run(script, ['changes', ...keysOf(chosen)], [this.now, ...args])));
  }

  private limits(worker: number, at: number): string {
    return this.history.limits[worker]?.[at] ?? '';
  }
}

function chosenOf(keys: number): readonly number[] {
  return [0, 1].filter((at) => (keys & (1 << at)) !== 0);
}

function keysOf(chosen: readonly number[]): readonly string[] {
  return chosen.flatMap((at) => STATE_KEYS.map((name) => `${name}:${NAMES[at]}`));
}

/** Redis writes numbers as texts. */
function readable(reply: RedisReply): unknown {
  if (Array.isArray(reply)) return (reply as readonly RedisReply[]).map(readable);
  return typeof reply === 'string' && reply !== '' && Number.isFinite(Number(reply)) ? Number(reply) : reply;
}
