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

/** Configuration of the client's pipeline, which wins over the environment, and that environment; `process.env` by default. */
export interface OpenRouterClientConfig extends ConfigInput {
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** Options of one call of `OpenRouterClient`. */
export interface TextOptions {
  readonly systemPrompt?: string | undefined;
  readonly temperature?: number | undefined;
  /**
   * Token cap of this call. A text cut by this cap is returned as is, with a warning in the log; a text cut by the
   * configured cap is continued.
   */
  readonly maxTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly model?: string | undefined;
  /** Milliseconds for the whole call. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * BookGen's client, over its own pipeline. The constructor resolves and checks the configuration; the first call builds
 * the pipeline. An incomplete text throws, with the text so far in `partial`, because a string cannot carry that
 * information.
 * @throws ConfigError from the constructor for an invalid configuration or a missing key
 * @see docs/README.md
 * @example
 * ```ts
 * const client = new OpenRouterClient({ defaults: { model: 'deepseek/deepseek-v4-flash' } });
 * console.log(await client.generateText('Write a sentence about the sea.'));
 * await client.close();
 * ```
 */
export class OpenRouterClient {
  /** A private field, so that `inspect` does not show the key in it. */
  readonly #options: PipelineOptions;
  private startedAt = Date.now();
  private pipeline: Promise<Pipeline> | undefined;
  private built: Pipeline | undefined;
  private isClosed = false;

  constructor({ environment = process.env, ...config }: OpenRouterClientConfig = {}) {
    this.#options = { plugins: [openrouter()], config, environment: { ...environment } };
    prepare(this.#options, []);
  }

  /**
   * Generates a text and returns the whole of it.
   * @throws GenerationError if the generation fails or the text is incomplete
   * @example
   * ```ts
   * const text = await client.generateText('Describe a lighthouse.', { systemPrompt: 'You are a poet.', maxTokens: 400 });
   * ```
   */
  async generateText(prompt: string, options: TextOptions = {}): Promise<string> {
    const pipeline = await this.open();
    const result = await pipeline.generate(beyondTheCap(inputOf(prompt, options)));
    const cut = cutText(result, result.text, { isOwnCap: options.maxTokens !== undefined, logger: pipeline.logger });
    if (cut !== undefined) throw cut;
    return result.text;
  }

  /**
   * Streams a text. Each subscription is one generation. Errors at the end if the text is incomplete.
   * @example
   * ```ts
   * client.generateTextStreaming('Describe a lighthouse.').subscribe({
   *   next: (delta) => process.stdout.write(delta),
   *   error: (error) => console.error(error),
   * });
   * ```
   */
  generateTextStreaming(prompt: string, options: TextOptions = {}): Observable<string> {
    return defer(() => this.open()).pipe(switchMap((pipeline) => pipeline.text(inputOf(prompt, options))));
  }

  /**
   * Returns the totals since the start or the last `resetStats`.
   * @example
   * ```ts
   * const { requests, totalCost } = client.getUsageStats();
   * console.log(`${requests} requests, $${totalCost}`);
   * ```
   */
  getUsageStats(): ClientStats {
    return clientStats(this.built?.stats() ?? emptySnapshot(this.startedAt), {
      startedAt: this.startedAt,
      now: Date.now(),
    });
  }

  /**
   * Restarts the statistics at zero.
   * @example
   * ```ts
   * client.resetStats();
   * console.log(client.getUsageStats().requests); // 0
   * ```
   */
  resetStats(): void {
    this.startedAt = Date.now();
    this.built?.resetStats();
  }

  /**
   * Aborts running calls and closes the connections. Later calls fail with `AbortError`.
   * @example
   * ```ts
   * process.once('SIGTERM', () => void client.close());
   * ```
   */
  async close(): Promise<void> {
    this.isClosed = true;
    const pipeline = await this.pipeline?.catch(() => undefined);
    await pipeline?.dispose();
  }

  private open(): Promise<Pipeline> {
    if (this.isClosed) return Promise.reject(new AbortError('The client is closed. Create a new one.'));
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
