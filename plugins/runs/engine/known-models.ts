import { GenerationError } from 'scriptorium';
import type { ModelInfo, ModelPrice, Pipeline } from 'scriptorium';
import { didYouMean } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import type { ItemInput } from '../journal/run-spec.js';

const PATIENCE_MS = 30_000;

/** The part of a pipeline that knows models. */
export type ModelsPipeline = Pick<Pipeline, 'check' | 'models' | 'logger'>;

/**
 * The models that the providers of a pipeline offer. Each catalogue is loaded once; then the pipeline knows prices, too. A vendor
 * that cannot be asked is a warning.
 */
export class KnownModels {
  private readonly lists = new Map<string, Promise<readonly ModelInfo[]>>();
  private readonly problems = new Map<string, string | undefined>();
  private readonly prices = new Map<string, ModelPrice | undefined>();

  constructor(
    private readonly pipeline: ModelsPipeline,
    private readonly clock: Clock,
  ) {}

  /** Loads the catalogues of the providers to which an input may be sent. Returns whether one was loaded for the first time. */
  async load({ provider, overrides }: Pick<ItemInput, 'provider' | 'overrides'>): Promise<boolean> {
    const before = this.lists.size;
    const routes = typeof overrides?.routes === 'object' ? overrides.routes : [];
    const providers = [provider, ...routes.map((route) => route.provider ?? provider)];
    await Promise.all([...new Set(providers)].filter((id) => id !== undefined).map((id) => this.listOf(id)));
    return this.lists.size > before;
  }

  /** Describes what is wrong with a model, if its provider has reported all of its models, and this is not among them. */
  async problemOf(provider: string, model: string): Promise<string | undefined> {
    const list = await this.listOf(provider);
    const key = JSON.stringify([provider, model]);
    if (!this.problems.has(key)) this.problems.set(key, problemIn(list, provider, model));
    return this.problems.get(key);
  }

  /** The price of a model, if it is known without a request. */
  priceOf(provider: string, model: string): ModelPrice | undefined {
    const key = JSON.stringify([provider, model]);
    if (!this.prices.has(key)) this.prices.set(key, this.knownPrice(provider, model));
    return this.prices.get(key);
  }

  private listOf(provider: string): Promise<readonly ModelInfo[]> {
    const known = this.lists.get(provider);
    if (known !== undefined) return known;
    const list = this.ask(provider).catch((error: unknown): readonly ModelInfo[] => {
      // A provider without a catalogue has nothing to be asked for.
      if (GenerationError.is(error) && error.code === 'invalid-input') return [];
      const reason = error instanceof Error ? error.message : String(error);
      this.pipeline.logger.warn(
        `The models of "${provider}" cannot be loaded, so prices may be unknown and names unchecked: ${reason}`,
      );
      return [];
    });
    this.lists.set(provider, list);
    return list;
  }

  /** The network may be silent. Nothing of the run waits long for what it can do without. */
  private ask(provider: string): Promise<readonly ModelInfo[]> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.setTimer(PATIENCE_MS, () => reject(new Error(`no answer after ${PATIENCE_MS} ms`)));
      this.pipeline.models({ provider }).then(resolve, reject).finally(cancel);
    });
  }

  private knownPrice(provider: string, model: string): ModelPrice | undefined {
    try {
      return this.pipeline.check({ prompt: 'The price.', provider, model }).modelInfo?.price;
    } catch {
      return undefined; // a provider that another process has
    }
  }
}

function problemIn(list: readonly ModelInfo[], provider: string, model: string): string | undefined {
  if (list.length === 0 || list.some(({ source }) => source === 'snapshot') || isListed(model, list)) return undefined;
  const names = list.map(({ id }) => id);
  return `"${provider}" offers no model "${model}".${didYouMean(model, names)}`;
}

/**
 * Vendors take more names than they list: variants (`model:free`), versions (`model-2026-01-01`), and moving names
 * (`model-latest`).
 */
function isListed(model: string, list: readonly ModelInfo[]): boolean {
  const base = withoutVariant(model);
  const family = base.endsWith('-latest') ? base.slice(0, -'latest'.length) : undefined;
  const names = list.flatMap(({ id, canonicalSlug = id }) => [id, canonicalSlug].map(withoutVariant));
  return names.some(
    (name) =>
      base === name ||
      base.startsWith(`${name}-`) ||
      base.startsWith(`${name}@`) ||
      (family !== undefined && name.startsWith(family)),
  );
}

function withoutVariant(model: string): string {
  return model.split(':')[0] ?? model;
}
