import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { describeInterceptor } from 'scriptorium/testing';
import { interceptorOf, simulatedExample } from './simulated-example.js';
import type { ExampleWorld } from './simulated-example.js';
import { runs } from '../support/runs.js';

/** An example, and what it prints when it comes to its end. */
interface Example extends Pick<ExampleWorld, 'shownAs' | 'isTextUnknown'> {
  readonly prints: RegExp;
}

/** A failure that the example itself prints. */
const FAILURE = '(?!internal|invalid)[a-z-]+: .+';

const EXAMPLES: Readonly<Record<string, Example>> = {
  'add-header-and-label.ts': { prints: /generations of ada: 1$/ },
  'biography.ts': { prints: /\n4\. .+: \d+ words( \(cut off\))?\n5 generations, \d+ tokens, .+$/ },
  // An answer that a fault has cut is not kept, and asked for again.
  'cache-by-your-own-rule.ts': {
    prints: /^first from provider, then from (cache; the same text: true|provider; .+)\n/,
  },
  'cached-style-guide.ts': { prints: /^The harbour, by openrouter: .+\nThe storm, by openrouter: .+$/ },
  'cheapest-route.ts': {
    prints: /^deepseek\/deepseek-v4-flash: The cheapest: at most \$0\.0+\d+\.\n[^]*are left today$/,
  },
  'long-chapter.ts': { prints: /(stop|length|other): \d+ words, \d+ attempts$|broken off after \d+ characters: .+$/ },
  'many-texts.ts': { prints: /\n2: .+$|\ndone \d, failed \d, (some|no) words\n/ },
  'moderate-while-streaming.ts': {
    prints: new RegExp(`^(content-filter: The text uses the word " the ", .+|${FAILURE})\nkept: \\d+ characters$`),
  },
  'my-interceptor.ts': {
    prints: new RegExp(`^(content-filter: The answer has more than 5 words\\.|${FAILURE})$`),
  },
  'my-plugin.ts': { prints: /^warnings: 1$/ },
  'my-sink.ts': { prints: /^\{"startedAt":\d+,[^\n]*"outcome":"success","tokens":\d+,"labels":\{"book":"ada"\}\}\n$/ },
  'outline.ts': {
    prints: /^In New Bedford\n(\d\. .+, 500 words\n){3}\d+ attempt\(s\), \$|\nit wrote: /,
    isTextUnknown: true,
  },
  'over-undici.ts': { prints: /\n\d+ attempt over undici$/ },
  'quick-start.ts': { prints: /\n\d+ tokens, \$[\d.e-]+, \d+ attempt\(s\)\n/ },
  'remote-parts.ts': {
    prints: /^from provider, then from (cache|provider)\ncache, by plugin "remote-parts": .+\nlimits, /,
  },
  'shout.ts': { prints: /^[^a-z]+$/, shownAs: (text) => text.toUpperCase() },
  'streaming.ts': {
    prints: /^whole: .+[^]*\nstarted: both saw the same text\nshared: 1 call for 2 watchers\nfolded: \d+ characters$/,
  },
  'two-keys.ts': { prints: /^answered by second$/ },
  'two-servers.ts': { prints: /^answered by groq, (reported|estimated)\nthen by groq$/ },
};

/** Examples that cannot run in a world, with the reason. Those that generate meet their faults over sockets. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'book-run.ts': 'a plugin writes a database',
  'bookgen-client.ts': 'makes its pipeline by itself',
  'my-provider.ts': 'proves itself over sockets, and generates nothing',
  'whole-book.ts': 'a plugin writes a database',
  'simulated-month.ts': 'is a simulation of its own',
  'stats-to-a-file.ts': 'a plugin writes a file',
  'unit-test.ts': 'has a transport of its own, which fails once',
  'what-a-book-cost.ts': 'a plugin writes a database',
  'with-a-cassette.ts': 'a plugin writes a file',
  'with-opentelemetry.ts': "takes time and chance from OpenTelemetry's SDK",
  'with-prometheus.ts': 'listens on a port',
};

/** Rows of docs/faults.md that break a text off after its first words. */
const BREAKS = [42, 43, 45, 46, 47, 48, 49, 51, 56, 73, 76, 77, 84, 90];

const WORLDS: Readonly<Record<string, Omit<ExampleWorld, 'seed'>>> = {
  'where all is well': {},
  'with faults of every kind': { vendor: { faults: { rate: 0.5 } } },
  'with restarts': {
    vendor: { faults: { rate: 0.5, rows: BREAKS } },
    environment: { SCRIPTORIUM_CONTINUITY_ON_BREAK: 'restart' },
  },
  'with breaks that are not mended': {
    vendor: { faults: { rate: 0.3, rows: BREAKS } },
    environment: { SCRIPTORIUM_CONTINUITY_ON_BREAK: 'fail' },
  },
  'with 429s, and a vendor that is away for a while': {
    vendor: { limits: { upstreamPerMinute: 2 } },
    meanwhile: (world, { host }) => {
      world.at(1_000, () => host.crash());
      world.at(40_000, () => host.start());
    },
  },
  'with stores that answer late': {
    vendor: { faults: { rate: 0.3, rows: BREAKS } },
    environment: { SCRIPTORIUM_PLUGINS_REMOTE_PARTS_TRIP_MS: '1500', SCRIPTORIUM_PORTS_CACHE_ANSWER_MS: '1000' },
  },
};

/** `npm run properties` takes more, and runs every example in every world. */
const SEEDS = Array.from({ length: runs(0.02) }, (_, index) => index + 1);
const EVERY = SEEDS.length > 1 ? 1 : 2;

describe.each([...Object.keys(WORLDS).entries()])('in world %d, %s', (world, which) => {
  const due = Object.keys(EXAMPLES).filter((_, index) => (index + world) % EVERY === 0);
  it.each(due)('%s comes to a right end, or fails openly', async (example) => {
    const { prints, ...about } = EXAMPLES[example]!;
    for (const seed of SEEDS) {
      const { printed, error } = await simulatedExample(example, { seed, ...WORLDS[which], ...about });
      if (error === undefined) expect(printed).toMatch(prints);
      else
        expect({ error, isOpen: GenerationError.is(error) && error.code !== 'internal' }).toEqual({
          error,
          isOpen: true,
        });
      if (which === 'where all is well') expect({ seed, error }).toEqual({ seed, error: undefined });
    }
  });
});

describe('the examples', () => {
  it('are all run in a world, or have a reason against it', () => {
    expect(readdirSync('docs/examples')).toEqual([...Object.keys(EXAMPLES), ...Object.keys(OUTSIDE)].sort());
  });
});

describe('the interceptors of the examples', () => {
  describeInterceptor('of shout.ts', () => interceptorOf('shout.ts'));
  describeInterceptor('of add-header-and-label.ts', () => interceptorOf('add-header-and-label.ts'));
  describeInterceptor('of cache-by-your-own-rule.ts', {
    make: () => interceptorOf('cache-by-your-own-rule.ts'),
    request: { temperature: 0 },
  });
  describeInterceptor('of moderate-while-streaming.ts', {
    make: () => interceptorOf('moderate-while-streaming.ts'),
    texts: { voided: 'Far from th', whole: 'e sea it rained.' },
  });
});
