import { RequestContext } from '../core/context.js';
import type { GenerationRequest } from '../core/request.js';
import { newGenerationState, withState } from '../core/state.js';

/** A whole request with small defaults, for calling an interceptor or a provider directly. */
export function aRequest(parts: Partial<GenerationRequest> = {}): GenerationRequest {
  const defaults: GenerationRequest = {
    id: 'generation-1',
    provider: 'fake',
    model: 'a-model',
    messages: [{ role: 'user', content: 'Begin.' }],
    wire: 'sse',
    providerOptions: {},
    headers: {},
    labels: {},
    overrides: {},
    context: RequestContext.empty,
  };
  return { ...withState(defaults, newGenerationState(0)), ...parts };
}
