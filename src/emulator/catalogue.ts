import { MODELS, findModel } from './models.js';
import type { EmulatedModel, ListedModel } from './models.js';

/** An entry of `GET /models`. */
export interface CatalogueEntry {
  readonly id: string;
  readonly canonical_slug: string;
  readonly name: string;
  readonly created: number;
  readonly description: string;
  readonly context_length: number;
  readonly architecture: {
    readonly modality: string;
    readonly input_modalities: readonly string[];
    readonly output_modalities: readonly string[];
    readonly tokenizer: string;
    readonly instruct_type: string | null;
  };
  /** Decimal strings, US dollars a token. */
  readonly pricing: { readonly prompt: string; readonly completion: string };
  readonly top_provider: {
    readonly context_length: number;
    readonly max_completion_tokens: number;
    readonly is_moderated: boolean;
  };
  readonly per_request_limits: null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters: null;
  readonly supported_voices: null;
  readonly knowledge_cutoff: null;
  readonly expiration_date: null;
  readonly links: { readonly details: string };
}

/** The body of `GET /models`. */
export interface Catalogue {
  readonly data: readonly (CatalogueEntry | Readonly<Record<string, unknown>>)[];
  readonly total_count: number;
  readonly links: { readonly next: null };
}

const CONTEXT_TOKENS = 1_000_000;
const COMPLETION_TOKENS = 250_000;
const CREATED = 1_767_225_600;

/** The emulator's models, each as it is and in its free variant, and what was added to them. */
export function catalogue(added: readonly Readonly<Record<string, unknown>>[] = []): Catalogue {
  const own = MODELS.flatMap(({ id }) => [id, `${id}:free`])
    .map((id) => findModel(id))
    .filter((model) => model !== undefined)
    .map(entryOf);
  const data = [...own.filter(({ id }) => added.every((entry) => entry.id !== id)), ...added];
  return { data, total_count: data.length, links: { next: null } };
}

function entryOf({ id, isFree, prices, description }: EmulatedModel & ListedModel): CatalogueEntry {
  const slug = id.slice(id.indexOf('/') + 1);
  return {
    id: isFree ? `${id}:free` : id,
    canonical_slug: id,
    name: `Scriptorium: ${slug}${isFree ? ' (free)' : ''}`,
    created: CREATED,
    description,
    context_length: CONTEXT_TOKENS,
    architecture: {
      modality: 'text->text',
      input_modalities: ['text'],
      output_modalities: ['text'],
      tokenizer: 'Other',
      instruct_type: null,
    },
    pricing: { prompt: dollars(prices.prompt), completion: dollars(prices.completion) },
    top_provider: { context_length: CONTEXT_TOKENS, max_completion_tokens: COMPLETION_TOKENS, is_moderated: false },
    per_request_limits: null,
    supported_parameters: ['max_tokens', 'max_completion_tokens', 'reasoning', 'include_reasoning'],
    default_parameters: null,
    supported_voices: null,
    knowledge_cutoff: null,
    expiration_date: null,
    links: { details: `/api/v1/models/${id}/endpoints` },
  };
}

function dollars(billionths: number): string {
  return billionths === 0 ? '0' : (billionths / 1e9).toFixed(9).replace(/0+$/, '');
}
