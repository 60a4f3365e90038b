import { didYouMean } from 'scriptorium/plugin';
import type { GenerationError, ModelInfo, ModelPrice, Pipeline } from 'scriptorium';
import type { ItemInput } from '../journal/run-spec.js';

/** The part of a pipeline that knows models. */
export type ModelsPipeline = Pick<Pipeline, 'check' | 'models' | 'logger'>;

/**
 * The models that the providers of a pipeline offer. Each catalogue is loaded once; then the pipeline knows prices, too. A vendor
 * that cannot be asked is a warning.
 */
export class KnownModels {
  private readonly lists = new Map<string, Promise<readonly ModelInfo[]>>();
  private readonly prices = new Map<string, ModelPrice | undefined>();

  constructor(private readonly pipeline: ModelsPipeline) {}

  /** Loads the catalogues of the providers to which an input may be sent. */
  async load({ provider, overrides }: Pick<ItemInput, 'provider' | 'overrides'>): Promise<void> {
    const routes = typeof overrides?.routes === 'object' ? overrides.routes : [];
    const providers = [provider, ...routes.map((route) => route.provider ?? provider)];
    await Promise.all([...new Set(providers)].filter((id) => id !== undefined).map((id) => this.listOf(id)));
  }

  /** Describes what is wrong with a model, if its provider has reported all of its models, and this is not among them. */
  async problemOf(provider: string, model: string): Promise<string | undefined> {
    const list = await this.listOf(provider);
    if (list.length === 0 || list.some(({ source }) => source === 'snapshot') || isListed(model, list))
      return undefined;
    const names = list.map(({ id }) => id);
    return `"${provider}" offers no model "${model}".${didYouMean(model, names)}`;
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
    const list = this.pipeline.models({ provider }).catch((error: unknown): readonly ModelInfo[] => {
      // A provider without a catalogue has nothing to be asked for.
      const { code, message } = error as GenerationError;
      if (code !== 'invalid-input')
        this.pipeline.logger.warn(
          `The models of "${provider}" cannot be loaded, so their prices are not known: ${message}`,
        );
      return [];
    });
    this.lists.set(provider, list);
    return list;
  }

  private knownPrice(provider: string, model: string): ModelPrice | undefined {
    try {
      return this.pipeline.check({ prompt: 'The price.', provider, model }).modelInfo?.price;
    } catch {
      return undefined; // a provider that another process has
    }
  }
}

/** Vendors take more names than they list: variants (`model:free`) and moving names (`model-latest`). */
function isListed(model: string, list: readonly ModelInfo[]): boolean {
  const [base = model] = model.split(':');
  const stem = base.endsWith('-latest') ? base.slice(0, -'latest'.length) : undefined;
  return list.some(
    ({ id, canonicalSlug }) =>
      [id, canonicalSlug].some((name) => name === model || name === base) ||
      (stem !== undefined && id.startsWith(stem)),
  );
}
