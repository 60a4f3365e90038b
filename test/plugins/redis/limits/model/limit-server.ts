import { Subject } from 'rxjs';
import type { RedisReply } from '../../../../../plugins/redis/connection.js';
import { STATE_KEYS } from '../../../../../plugins/redis/limits/limit-scripts.js';
import type { RedisScript } from '../../../../../plugins/redis/scripts.js';
import { KeyState } from './key-state.js';
import { MODELS } from './models.js';

/** A script's keys and arguments, as the model of the script needs them. */
export interface Call {
  readonly server: LimitServer;
  readonly now: number;
  /** Those before the state of the limit keys: an epoch, a channel. */
  readonly names: readonly string[];
  readonly keys: readonly KeyState[];
  /** Without the time. */
  readonly args: readonly string[];
}

const SIZE = STATE_KEYS.length;

/** A model of the Redis server of `plugins/redis/limits`: what each script does, in plain objects. */
export class LimitServer {
  /** What scripts publish. */
  readonly messages = new Subject<{ readonly channel: string; readonly message: string }>();
  /** Since when the store remembers, by the name of the epoch key. */
  readonly epochs = new Map<string, number>();
  readonly marks = new Map<string, string>();
  private states = new Map<string, KeyState>();

  /** @param now the server's time in whole epoch milliseconds, where a call brings none */
  constructor(private readonly now: () => number) {}

  run({ name }: RedisScript, keys: readonly string[], args: readonly (string | number)[]): RedisReply {
    const model = MODELS[name];
    if (model === undefined) throw new Error(`The model of the server has no script "${name}".`);
    const [first = '', ...rest] = args.map(String);
    if (name === 'mark') return model({ server: this, now: 0, names: keys, keys: [], args: [first, ...rest] });
    const now = first === '' ? this.now() : Number(first);
    const names = name === 'hello' ? keys : keys.slice(0, 1);
    return model({ server: this, now, names, keys: this.opened(keys.slice(names.length), now), args: rest });
  }

  /** When the memory of a tag begins. */
  since(epoch: string, now: number): number {
    const since = this.epochs.get(epoch) ?? now;
    this.epochs.set(epoch, since);
    return since;
  }

  /** Loses its memory. */
  flush(): void {
    this.states = new Map();
    this.epochs.clear();
    this.marks.clear();
  }

  private opened(keys: readonly string[], now: number): readonly KeyState[] {
    return Array.from({ length: keys.length / SIZE }, (_, index) => {
      const name = keys[index * SIZE] ?? '';
      const state = this.states.get(name) ?? new KeyState();
      this.states.set(name, state);
      return state.open(now);
    });
  }
}
