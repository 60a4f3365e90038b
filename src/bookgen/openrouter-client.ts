import { defer, switchMap } from 'rxjs';
import type { Observable } from 'rxjs';
import { openrouter } from '../../plugins/openrouter/index.js';
import { createPipeline } from '../assembly/create-pipeline.js';
import { prepare } from '../assembly/options.js';
import type { PipelineOptions } from '../assembly/options.js';
import type { ConfigInput } from '../config/base-schema.js';
import { AbortError } from '../core/errors/classes.js';
import type { GenerationInput } from '../input/generation-input.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { beyondTheCap, cutText } from '../pipeline/whole-text.js';
import { emptySnapshot } from '../stats/usage-stats.js';
import { clientStats } from './client-stats.js';
import type { ClientStats } from './client-stats.js';

/** The configuration of the pipeline behind the client, and where to take the environment from. */
export interface OpenRouterClientConfig extends ConfigInput {
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export interface TextOptions {
  readonly systemPrompt?: string | undefined;
  readonly temperature?: number | undefined;
  /** A text cut by a cap that you set yourself is returned as it is, with a warning in the log; one cut by the configured cap is continued. */
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly model?: string | undefined;
  /** For the whole call. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * BookGen's client over a pipeline of its own. The configuration is resolved and checked at once; the pipeline is built
 * at the first call. A string cannot say that it was cut: a text that is not whole is thrown, with what there is of it
 * in `partial`.
 * @throws ConfigError from the constructor, also when there is no key
 */
export class OpenRouterClient {
  /** Out of sight of `inspect`: there is a key in it. */
  readonly #options: PipelineOptions;
  private startedAt = Date.now();
  private pipeline: Promise<Pipeline> | undefined;
  private built: Pipeline | undefined;
  private isClosed = false;

  constructor({ environment = process.env, ...config }: OpenRouterClientConfig = {}) {
    this.#options = { plugins: [openrouter()], config, environment: { ...environment } };
    prepare(this.#options, []);
  }

  /** The whole text. @throws GenerationError */
  async generateText(prompt: string, options: TextOptions = {}): Promise<string> {
    const pipeline = await this.open();
    const result = await pipeline.generate(beyondTheCap(inputOf(prompt, options)));
    const cut = cutText(result, result.text, { isOwnCap: options.maxTokens !== undefined, logger: pipeline.logger });
    if (cut !== undefined) throw cut;
    return result.text;
  }

  /** The text piece by piece. Cold; fails at the end if the text is not whole. */
  generateTextStreaming(prompt: string, options: TextOptions = {}): Observable<string> {
    return defer(() => this.open()).pipe(switchMap((pipeline) => pipeline.text(inputOf(prompt, options))));
  }

  getUsageStats(): ClientStats {
    return clientStats(this.built?.stats() ?? emptySnapshot(this.startedAt), {
      startedAt: this.startedAt,
      now: Date.now(),
    });
  }

  resetStats(): void {
    this.startedAt = Date.now();
    this.built?.resetStats();
  }

  /** Aborts what is under way and closes the connections. Later calls fail with `AbortError`. */
  async close(): Promise<void> {
    this.isClosed = true;
    const pipeline = await this.pipeline?.catch(() => undefined);
    await pipeline?.dispose();
  }

  private open(): Promise<Pipeline> {
    if (this.isClosed) return Promise.reject(new AbortError('The client has been closed.'));
    this.pipeline ??= createPipeline(this.#options).then((pipeline) => (this.built = pipeline));
    return this.pipeline;
  }
}

function inputOf(prompt: string, { systemPrompt, timeoutMs, ...rest }: TextOptions): GenerationInput {
  return {
    prompt,
    ...rest,
    ...(systemPrompt !== undefined && { system: systemPrompt }),
    ...(timeoutMs !== undefined && { deadlineMs: timeoutMs }),
  };
}
