/** The entry for programs that used BookGen's client: the client, and BookGen's names for the error classes. */

export { OpenRouterClient } from './bookgen/openrouter-client.js';
export type { OpenRouterClientConfig, TextOptions } from './bookgen/openrouter-client.js';
export type { ClientStats } from './bookgen/client-stats.js';
export { GenerationError as OpenRouterException } from './core/errors/generation-error.js';
export {
  ApiError as APIException,
  RateLimitError as RateLimitException,
  RetryExhaustedError as RetryException,
} from './core/errors/classes.js';
