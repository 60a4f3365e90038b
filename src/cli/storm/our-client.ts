import { collect, createPipeline, WordCounter } from 'scriptorium';
import { lastValueFrom, tap } from 'rxjs';
import type { ConfigInput, GenerationEvent, Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { PATIENCE } from './writer.js';
import type { ChapterJob, ChapterWriter, Connection } from './writer.js';

/** A pipeline with its defaults, but for the patience of a demo and a storm that no provider's limits would survive. */
const CONFIG: ConfigInput = {
  logging: { level: 'silent' },
  continuity: { onLength: 'continue', maxSegments: 20 },
  retry: {
    maxAttempts: 12,
    baseMs: PATIENCE.baseMs,
    capMs: 4 * PATIENCE.baseMs,
    budget: { refillPerSecond: 500 },
  },
  limits: { maxRequests: 60 },
  breaker: { openMs: 100, longestOpenMs: 400 },
  timeouts: {
    headersMs: PATIENCE.silenceMs,
    firstTokenMs: PATIENCE.silenceMs,
    idleMs: PATIENCE.silenceMs,
    contentIdleMs: PATIENCE.silenceMs,
  },
};

/** A pipeline over OpenRouter's protocol. The caller disposes of it. */
export function ourPipeline({ url, model, title }: Connection): Promise<Pipeline> {
  return createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'demo', baseUrl: url, siteTitle: title })],
    config: { ...CONFIG, defaults: { model } },
  });
}

/** Writes with a pipeline, as any program would. A text that the model has not ended is not saved. */
export function ourClient(pipeline: Pipeline): ChapterWriter {
  return async ({ messages, signal, report }) => {
    const { events } = pipeline.start({ messages, signal });
    const result = await lastValueFrom(events.pipe(tap(progressOf(report)), collect()));
    if (result.finishReason.unified !== 'stop') throw new Error(`ended with "${result.finishReason.unified}"`);
    return result.text;
  };
}

function progressOf(report: ChapterJob['report']): (event: GenerationEvent) => void {
  let counter = new WordCounter();
  return (event) => {
    switch (event.type) {
      case 'text-delta':
        counter.take(event.delta);
        report({ words: counter.words });
        break;
      case 'restart':
        counter = new WordCounter();
        report({ words: 0, note: `${event.reason}: starts over` });
        break;
      case 'retry-scheduled':
        report({ note: `${event.reason}: retries` });
        break;
      case 'continuation':
        report({ note: `${event.reason}: goes on` });
        break;
      default:
    }
  };
}
