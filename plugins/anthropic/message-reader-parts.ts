import type { GenerationError } from 'scriptorium/provider';
import type { AnthropicPrice } from './price.js';

export interface MessageReaderParts {
  readonly provider: string;
  readonly model: string;
  /** The number of the attempt, for its reasoning events. */
  readonly attempt: number;
  /** It goes on from a text, to which there may be nothing to add. */
  readonly mayBeEmpty: boolean;
  /** The vendor's id of the request, which its support asks for. */
  readonly requestId?: string | undefined;
  /** The price of the model, if it is known. */
  readonly price?: AnthropicPrice | undefined;
  /** Makes an error of the vendor's own error object. */
  readonly failure: (error: unknown, requestId?: string) => GenerationError;
}
