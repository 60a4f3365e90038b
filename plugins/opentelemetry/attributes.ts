import type { Attributes } from '@opentelemetry/api';
import type { AttemptStat, GenerationEnd, GenerationRequest, GenerationStat, Stat, Usage } from 'scriptorium/plugin';

/** Every generation is one. */
export const OPERATION = 'chat';

/** What is known when a generation begins. Of its words there is nothing: no message, no stop text, no tool. */
export function generationStart(request: GenerationRequest): Attributes {
  return present({
    ...aboutGeneration({ ...request, generationId: request.id }),
    'gen_ai.request.stream': request.wire === 'sse',
    'gen_ai.request.max_tokens': request.maxTokens,
    'gen_ai.request.temperature': request.temperature,
    'gen_ai.request.top_p': request.topP,
    'gen_ai.request.top_k': request.topK,
    'gen_ai.request.frequency_penalty': request.frequencyPenalty,
    'gen_ai.request.presence_penalty': request.presencePenalty,
    'gen_ai.request.seed': request.seed,
    'gen_ai.output.type': request.responseFormat && (request.responseFormat.type === 'text' ? 'text' : 'json'),
  });
}

/** What names a generation, also one whose input was refused. */
export function aboutGeneration({
  generationId,
  provider,
  model,
  labels,
}: Pick<GenerationStat, 'generationId' | 'provider' | 'model' | 'labels'>): Attributes {
  return {
    'gen_ai.operation.name': OPERATION,
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'scriptorium.generation.id': generationId,
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`scriptorium.label.${name}`, value])),
  };
}

/** Without the operation's name: who sums up over that counts every token once. */
export function attemptStart({ id, provider, model, wire }: GenerationRequest, attempt: number): Attributes {
  return {
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.request.stream': wire === 'sse',
    'scriptorium.generation.id': id,
    'scriptorium.attempt': attempt,
  };
}

/** What is known when it has ended. */
export function ending(
  stat: AttemptStat | GenerationStat,
  { answer, isStreamed }: { readonly answer: GenerationEnd | undefined; readonly isStreamed: boolean },
): Attributes {
  const isAttempt = stat.type === 'attempt-end';
  return present({
    ...usageAttributes(stat.usage),
    'scriptorium.outcome': stat.outcome,
    'error.type': errorType(stat),
    'gen_ai.response.model': answer?.model,
    'gen_ai.response.id': answer?.responseId ?? (isAttempt ? stat.responseId : undefined),
    'gen_ai.response.finish_reasons': answer && [answer.finishReason.unified],
    'gen_ai.response.time_to_first_chunk':
      isStreamed && stat.timeToFirstTokenMs !== undefined ? stat.timeToFirstTokenMs / 1000 : undefined,
    ...(isAttempt
      ? { 'http.response.status_code': stat.status }
      : { 'scriptorium.attempts': stat.attempts, 'scriptorium.served_from': stat.servedFrom }),
  });
}

/** What a metric is kept apart by. Its values must be few. */
export function metricAttributes(
  { provider, model, labels }: Pick<Stat, 'provider' | 'model' | 'labels'>,
  answer: GenerationEnd | undefined,
  metricLabels: readonly string[],
): Attributes {
  return present({
    'gen_ai.operation.name': OPERATION,
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.response.model': answer?.model,
    ...Object.fromEntries(
      metricLabels.map((name) => [`scriptorium.label.${name}`, Object.hasOwn(labels, name) ? labels[name] : undefined]),
    ),
  });
}

/** Our code of the failure; a cancellation is told apart in the metrics, too. */
export function errorType({ outcome, errorCode }: AttemptStat | GenerationStat): string | undefined {
  return outcome === 'cancelled' ? (errorCode ?? 'aborted') : errorCode;
}

function usageAttributes({ source, ...usage }: Usage): Attributes {
  if (source === 'unmeasured') return { 'scriptorium.usage.source': source };
  return {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
    'scriptorium.usage.source': source,
    'scriptorium.cost.usd': usage.costUsd,
  };
}

/** OpenTelemetry has no undefined values. */
function present(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
