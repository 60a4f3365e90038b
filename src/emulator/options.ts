import type { Fault } from './faults.js';
import type { VendorLimits } from './limits.js';
import type { LoggedRequest } from './request-log.js';

/** How an emulator is set up; every option has a default. It always listens on 127.0.0.1. */
export interface EmulatorOptions extends ServiceOptions {
  /** The port; 0, the default, takes a free one. */
  readonly port?: number;
}

/** How an emulated service is set up; every option has a default. */
export interface ServiceOptions {
  /** Equal seeds, equal texts. 1 by default. */
  readonly seed?: number | string;
  /** The length of a text, where the model's name does not give it: the first sentence that ends after so many words. 350 by default. */
  readonly words?: number;
  /** The pace of an answer; 0, the default, is as fast as the client reads. */
  readonly tokensPerSecond?: number;
  /** Tokens in one delta of a stream, 1 by default. */
  readonly tokensPerDelta?: number;
  /** How many tokens are counted for each token of a prompt; 1 by default. */
  readonly promptTokenFactor?: number;
  /** A stream that is silent for so long gets a comment; 15 s by default, 0 for never. */
  readonly keepAliveMs?: number;
  /** The only key that is accepted; by default any is. */
  readonly apiKey?: string;
  /** Whether prompts that begin like earlier ones are counted as read from a cache, at a tenth of the price; by default none is. */
  readonly promptCache?: boolean;
  /** How long after an answer's end `GET /generation` does not know it yet; 0 by default. */
  readonly recordAfterMs?: number;
  /** Chooses the fault of a well-formed request that no scripted fault is waiting for. `index` is its place in `requests`. */
  readonly fault?: (request: LoggedRequest, index: number) => Fault | undefined;
  /** The account's daily requests to `:free` models as `GET /key` reports them. `used` is the count of the day on which the service starts; the emulator adds the requests it is sent. `limits` has the limit that is kept. */
  readonly freeModelDailyRequests?: { readonly used?: number; readonly limit?: number };
  /** More entries of `GET /models`, as they are; one with the id of a model that there is takes its place. What is served, and what it costs, stays the same. */
  readonly catalogue?: readonly Readonly<Record<string, unknown>>[];
  /** Fields of `GET /key` in place of the emulator's own. */
  readonly key?: Readonly<Record<string, unknown>>;
  /** The key that `GET /credits` is answered for; all others are refused there with a 403. */
  readonly managementKey?: string;
  /** The credits bought, in US dollars, as `GET /credits` reports them; 10 by default. */
  readonly totalCredits?: number;
  /** The limits that the vendor keeps; none by default. A request beyond one is answered with a 429. */
  readonly limits?: VendorLimits;
}

/** The options with their defaults. */
export type ServiceSettings = Required<Omit<ServiceOptions, 'apiKey' | 'fault' | 'managementKey'>> &
  Pick<ServiceOptions, 'apiKey' | 'fault' | 'managementKey'>;

const OPTIONAL_NUMBERS = [
  'words',
  'tokensPerDelta',
  'tokensPerSecond',
  'promptTokenFactor',
  'keepAliveMs',
  'recordAfterMs',
] as const;

/** Fills in the defaults. @throws RangeError for a number that makes no sense. */
export function settingsOf(options: ServiceOptions): ServiceSettings {
  const settings = {
    recordAfterMs: 0,
    seed: 1,
    words: 350,
    tokensPerSecond: 0,
    tokensPerDelta: 1,
    promptTokenFactor: 1,
    promptCache: false,
    keepAliveMs: 15_000,
    freeModelDailyRequests: {},
    catalogue: [],
    key: {},
    totalCredits: 10,
    limits: {},
    ...options,
  };
  for (const name of OPTIONAL_NUMBERS) {
    const least = name === 'words' || name === 'tokensPerDelta' ? 1 : 0;
    if (!(settings[name] >= least))
      throw new RangeError(`${name} is ${settings[name]}; expected a number of at least ${least}`);
  }
  for (const [name, limit] of Object.entries(settings.limits) as [string, number][]) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`limits.${name} is ${limit}; expected a whole number of at least 1`);
  }
  return settings;
}
