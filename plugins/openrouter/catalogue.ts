import { toGenerationError } from 'scriptorium/plugin';
import type { Connection, ModelCatalogue, ModelInfo, ModelsOptions } from 'scriptorium/plugin';
import { ask } from './ask.js';
import type { Endpoint } from './encode.js';
import { readModels } from './read-model.js';
import { variantOf } from './model-variant.js';
import { readSnapshot } from './snapshot.js';

/** OpenRouter's edge keeps its own list for as long. */
const KEPT_MS = 300_000;
/** OpenRouter could not be reached at all. */
const UNREACHABLE = new Set(['connection', 'dns', 'timeout']);

/** A list as OpenRouter told it, and when. */
interface Catalogued {
  readonly models: readonly ModelInfo[];
  /** Monotonic milliseconds. */
  readonly at: number;
}

/**
 * `GET /models`: what OpenRouter offers. A list is kept for five minutes, and those who ask at the same time share one
 * request. Where OpenRouter cannot be reached, the last list is given whatever its age, and else the one that came with
 * the package; each model says which. Who wants it `fresh` gets nothing in its place.
 */
export class Catalogue implements ModelCatalogue {
  private told: Catalogued | undefined;
  private asked: Promise<Catalogued> | undefined;
  private snapshot: readonly ModelInfo[] | undefined;
  private byId: ReadonlyMap<string, ModelInfo> | undefined;

  constructor(private readonly endpoint: Endpoint) {}

  async models(
    connection: Connection,
    { fresh = false, offline = false }: ModelsOptions = {},
  ): Promise<readonly ModelInfo[]> {
    if (offline) return this.lastList();
    const isKept = this.told !== undefined && connection.clock.monotonic() - this.told.at < KEPT_MS;
    if (isKept && !fresh) return this.lastList();
    try {
      this.asked ??= this.fetch(connection).finally(() => {
        this.asked = undefined;
      });
      return (await this.asked).models;
    } catch (error) {
      const known = fresh ? [] : this.lastList();
      if (UNREACHABLE.has(toGenerationError(error).code) && known.length > 0) return known;
      throw error;
    }
  }

  /** What is known of a model without asking. A snapshot that cannot be read is none. */
  known(id: string): ModelInfo | undefined {
    this.byId ??= new Map(this.lastList().map((model) => [model.id, model]));
    const { byId } = this;
    return byId.get(id) ?? variantOf(id, (name) => byId.get(name));
  }

  private async fetch(connection: Connection): Promise<Catalogued> {
    const answer = await ask('models', { endpoint: this.endpoint, connection });
    const { clock } = connection;
    const models = readModels(answer).map((model): ModelInfo => ({ ...model, source: 'live', asOf: clock.now() }));
    this.told = { models, at: clock.monotonic() };
    this.byId = undefined;
    return this.told;
  }

  private lastList(): readonly ModelInfo[] {
    if (this.told !== undefined) return this.told.models.map((model) => ({ ...model, source: 'cache' }));
    this.snapshot ??= readSnapshot();
    return this.snapshot;
  }
}
