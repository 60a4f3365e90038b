import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defer, tap } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent, GenerationInput, InterceptorDefinition } from 'scriptorium';
import type { EmulatorOptions } from 'scriptorium/testing';
import { emulated, PROMPT } from './emulated.js';
import type { Emulated } from './emulated.js';
import { runs } from '../support/runs.js';

/** Each run is a generation over real sockets. */
const numRuns = runs(0.75);

type Fault = ReturnType<NonNullable<EmulatorOptions['fault']>>;

const MAX_REQUESTS = 12;
/** `exact` has a native prefill, the others are instructed. */
const MODELS = [
  'scriptorium/exact',
  'scriptorium/embedded-ngram',
  'scriptorium/starts-over',
  'scriptorium/repeats-last-sentence',
  'scriptorium/chats-first',
  'scriptorium/paraphrases-the-joint',
];

const place = fc.oneof(fc.nat(4), fc.nat(160)).map((afterDeltas) => ({ afterDeltas }));
const breaking = place.chain((at): fc.Arbitrary<Fault> =>
  fc.constantFrom<Fault>(
    { reset: at },
    { fin: at },
    { truncate: at },
    { truncate: at, done: true },
    { garbage: at },
    { errorChunk: at },
    { errorChunk: at, withUsage: true },
    { errorChunk: at, errorIn: 'choice', done: true },
  ),
);
const refusing = fc.constantFrom<Fault>(
  { status: 503 },
  { status: 500 },
  { status: 429 },
  { reset: 'before-headers' },
  { fin: 'after-headers' },
  { empty: true },
  { html: true },
);
const ending = fc.constantFrom<Fault>(
  { status: 400 },
  { status: 402 },
  { noUsage: true },
  { reset: 'after-finish' },
  { capTokens: 20 },
  { capTokens: 3, noUsage: true },
  undefined,
);
const script = (...kinds: readonly fc.Arbitrary<Fault>[]) =>
  fc.array(fc.oneof({ weight: 5, arbitrary: breaking }, ...kinds.map((arbitrary) => ({ weight: 1, arbitrary }))), {
    maxLength: 10,
  });
const course = fc.record({
  model: fc.constantFrom(...MODELS),
  onBreak: fc.constantFrom('resume', 'resume', 'restart', 'fail'),
  onLength: fc.constantFrom('stop', 'continue'),
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  faults: script(refusing, ending),
});
type WatchedRun = typeof course extends fc.Arbitrary<infer T> ? T : never;

interface Seen {
  readonly events: readonly GenerationEvent[];
  readonly error?: GenerationError;
  /** The text of each attempt, as it came from the provider. */
  readonly said: readonly { readonly text: string }[];
}

/** A scene, and how to watch a generation in it. */
async function watching(): Promise<{
  readonly scene: Emulated;
  readonly watch: (course: WatchedRun) => Promise<Seen>;
}> {
  let said: { text: string }[] = [];
  const recorder: InterceptorDefinition = {
    name: 'recorder',
    phase: 'attempt',
    intercept: (request, next) =>
      defer(() => {
        const attempt = { text: '' };
        said.push(attempt);
        return next(request).pipe(
          tap((event) => {
            if (event.type === 'text-delta') attempt.text += event.delta;
          }),
        );
      }),
  };
  const scene = await emulated({
    interceptors: [recorder],
    emulator: { words: 60 },
    config: {
      breaker: { minimumCalls: 1_000_000, connectionFailures: 1_000_000 },
      limits: { maxRequests: MAX_REQUESTS },
      retry: { capMs: 2, budget: { capacity: 1_000_000 } },
      plugins: { openrouter: { prefill: { 'scriptorium/exact': 'exact' } } },
    },
  });
  const watch = ({ model, onBreak, onLength, maxAttempts, faults }: WatchedRun): Promise<Seen> => {
    said = [];
    scene.emulator.clear();
    scene.emulator.script(...faults);
    const input = {
      messages: PROMPT,
      model,
      overrides: { continuity: { onBreak, onLength }, retry: { maxAttempts } },
    } as GenerationInput;
    const events: GenerationEvent[] = [];
    return new Promise((resolve, reject) => {
      scene.pipeline.stream(input).subscribe({
        next: (event) => void events.push(event),
        error: (error: unknown) => {
          if (GenerationError.is(error) && error.code !== 'internal') resolve({ events, error, said });
          else reject(new Error('A mistake in the program', { cause: error }));
        },
        complete: () => resolve({ events, said }),
      });
    });
  };
  return { scene, watch };
}

/** The pieces of the text, each with the number of the attempt that it came from; what a restart voids is gone. */
function piecesOf(events: readonly GenerationEvent[]): readonly { readonly text: string; readonly attempt: number }[] {
  let pieces: { text: string; attempt: number }[] = [];
  let [attempt, isOpen] = [0, false];
  for (const event of events) {
    if (event.type === 'attempt-start') attempt = event.attempt;
    else if (event.type === 'restart') [pieces, isOpen] = [[], false];
    else if (event.type === 'continuation') isOpen = false;
    else if (event.type === 'text-delta') {
      if (!isOpen) pieces.push({ text: '', attempt });
      isOpen = true;
      const piece = pieces.at(-1)!;
      // Text of another attempt without a splice before it would be a transparent retry.
      if (piece.attempt !== attempt)
        throw new Error(`Attempt ${attempt} goes on with the text of attempt ${piece.attempt} without a splice`);
      piece.text += event.delta;
    }
  }
  return pieces;
}

describe('whatever the server does,', () => {
  it("the text since the last splice is one attempt's, and a text called whole is exactly the text", async () => {
    const { scene, watch } = await watching();
    let [splices, wholes] = [0, 0];
    await fc.assert(
      fc.asyncProperty(course, async (options) => {
        const { events, error, said } = await watch(options);
        const pieces = piecesOf(events);
        for (const { text, attempt } of pieces) expect(said[attempt - 1]!.text.endsWith(text)).toBe(true);
        const text = pieces.map((piece) => piece.text).join('');
        const whole = scene.emulator.textFor({ model: options.model, messages: PROMPT });
        expect({ text, isStart: whole.startsWith(text) }).toEqual({ text, isStart: true });
        const end = events.at(-1);
        if (error === undefined) {
          expect(end?.type).toBe('generation-end');
          if (end?.type === 'generation-end' && end.finishReason.unified === 'stop') expect(text).toBe(whole);
        } else if (text !== '') expect(error.partial?.text.length).toBeGreaterThanOrEqual(text.length);
        splices += Math.max(pieces.length - 1, 0);
        wholes += error === undefined && pieces.length > 1 ? 1 : 0;
      }),
      { numRuns },
    );
    expect(splices).toBeGreaterThan(numRuns / 10);
    expect(wholes).toBeGreaterThan(0);
  });

  it('no more requests are made without progress than are allowed, and of one generation no more either', async () => {
    const { scene, watch } = await watching();
    const persistent = course.chain((options) =>
      fc
        .record({ faults: script(refusing, refusing, refusing) })
        .map(({ faults }): WatchedRun => ({ ...options, faults, onBreak: 'resume' })),
    );
    await fc.assert(
      fc.asyncProperty(persistent, async (options) => {
        const { events } = await watch(options);
        expect(scene.emulator.requests.length).toBeLessThanOrEqual(MAX_REQUESTS);
        const { generationId } = scene.sink.generations.at(-1)!;
        const failed = new Set(
          scene.sink.attempts
            .filter((attempt) => attempt.generationId === generationId && attempt.outcome === 'error')
            .map(({ attempt }) => attempt),
        );
        // Failed attempts since the last character that the user got.
        let [since, most] = [0, 0];
        for (const event of events) {
          if (event.type === 'text-delta') since = 0;
          if (event.type === 'attempt-start' && failed.has(event.attempt)) since += 1;
          most = Math.max(most, since);
        }
        // One more is free where a request never reached the server.
        expect(most).toBeLessThanOrEqual(options.maxAttempts + 1);
      }),
      { numRuns },
    );
  });
});
