// The ways to read a generation: whole, as text, as events, in a loop, and started for several watchers.
import { collect, createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { finalize, lastValueFrom, shareReplay, Subject, take, takeUntil, toArray } from 'rxjs';

const pipeline = await createPipeline({ plugins: [openrouter()] });
const input = { prompt: 'Describe the harbour at dawn.', maxTokens: 60 };

// Whole: a promise.
const { text, finishReason } = await pipeline.generate(input);
console.log(`whole: ${text.length} characters, ${finishReason.unified}`);

// Text, piece by piece: an Observable<string>. Nothing is sent before subscription.
const pieces = await lastValueFrom(pipeline.text(input).pipe(toArray()));
console.log(`text: ${pieces.length} pieces`);

// Unsubscribing cancels the call and closes its socket; `take(3)` does so after the third piece.
await pipeline
  .text(input)
  .pipe(take(3))
  .forEach(() => undefined);
console.log(`cancelled so far: ${pipeline.stats().cancelled}`);

// A stop button is `takeUntil`: what had come stays with you, and nothing more is paid for.
const stop = new Subject<void>();
let kept = '';
await pipeline
  .text(input)
  .pipe(takeUntil(stop))
  .forEach((piece) => {
    kept += piece;
    if (kept.length > 20) stop.next();
  });
console.log(`stopped: ${kept.length > 20 && kept.length < text.length ? 'a part of the text is kept' : 'too late'}`);

// Events: attempts, retries, waits, text, the end.
const kinds = new Set<string>();
await pipeline.stream(input).forEach((event) => void kinds.add(event.type));
console.log(`events: ${[...kinds].join(', ')}`);

// A loop. A slow reader holds the socket back; leaving the loop cancels.
let characters = 0;
for await (const event of pipeline.iterate(input)) {
  if (event.type === 'text-delta') characters += event.delta.length;
  else if (event.type === 'restart') characters = 0; // only with continuity.onBreak: 'restart'
}
console.log(`loop: ${characters} characters`);

// Started at once, one call for any number of watchers, with all events from the first one on. It may restart, since its
// text is handed over at the end: `collect` drops what is void.
const run = pipeline.start(input);
const [watched, result] = await Promise.all([lastValueFrom(run.events.pipe(collect(input))), run.result]);
console.log(`started: ${watched.text === result.text ? 'both saw the same text' : 'the texts differ'}`);

// The same made by yourself: `shareReplay` turns a cold stream into one call for all. It keeps the call going when the
// last watcher leaves; with `refCount: true` that cancels it instead.
let calls = 0;
const shared = pipeline.text(input).pipe(
  finalize(() => {
    calls += 1;
  }),
  shareReplay({ refCount: true }),
);
const texts = await Promise.all([1, 2].map(() => lastValueFrom(shared.pipe(toArray()))));
console.log(`shared: ${calls} call for ${texts.length} watchers`);

// Your own operators go between: `collect(input)` folds the stream of events into a result.
const folded = await lastValueFrom(pipeline.stream(input).pipe(collect(input)));
console.log(`folded: ${folded.text.length} characters`);

await pipeline.dispose();
