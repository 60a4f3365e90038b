import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import type { GenerationEnd, GenerationEvent } from '../../core/events.js';
import { guarded } from '../../core/util/guarded.js';
import { relay } from '../../core/util/relay.js';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import { textIn } from '../../core/message.js';
import type { LogFields, Logger } from '../../core/ports.js';
import type { GenerationRequest } from '../../core/request.js';
import { stateOf } from '../../core/state.js';

export type LogBodies = 'off' | 'truncated' | 'full';

/** The number of characters that `truncated` shows. */
const TRUNCATED_LENGTH = 200;

/**
 * One line at the start and at the end of a generation and one for each retry. Prompts are logged only as `bodies`
 * says; costs nothing per token beyond one look at the event's type. A logger that throws does not fail the generation.
 */
export function logging(logger: Logger, bodies: LogBodies, clock: Clock): InterceptorDefinition {
  const intercept: InterceptorDefinition['intercept'] = (request, next) => {
    const about = identify(request);
    const elapsed = () => ({ latencyMs: Math.round(clock.monotonic() - stateOf(request).startedAt) });
    const logStart = guarded(() => logger.info('generation started', { ...about, ...bodyOf(request, bodies) }));
    const logEvent = guarded((event: GenerationEvent) => {
      const line = describeEvent(event);
      if (line === undefined) return;
      logger[line.severity](line.message, {
        ...about,
        ...line.fields,
        ...(event.type === 'generation-end' && elapsed()),
      });
    });
    const logFailure = guarded((error: unknown) =>
      logger.error('generation failed', { ...about, ...elapsed(), ...describeFailure(error, request) }),
    );
    return next(request).pipe(
      relay((subscriber) => {
        logStart();
        return {
          next: (event) => {
            if (event.type !== 'text-delta') logEvent(event);
            subscriber.next(event);
          },
          error: (error) => {
            logFailure(error);
            subscriber.error(error);
          },
          cancelled: guarded(() => logger.info('generation cancelled', { ...about, ...elapsed() })),
        };
      }),
    );
  };
  return { name: 'logging', phase: 'observe', intercept };
}

function identify({ id, provider, model, labels }: GenerationRequest): LogFields {
  return { generationId: id, provider, model, ...(Object.keys(labels).length > 0 && { labels }) };
}

function bodyOf({ messages }: GenerationRequest, bodies: LogBodies): LogFields {
  if (bodies === 'off') return {};
  const show = (text: string) =>
    bodies === 'full' || text.length <= TRUNCATED_LENGTH ? text : `${text.slice(0, TRUNCATED_LENGTH)}…`;
  return { messages: messages.map(({ role, content }) => ({ role, content: show(textIn(content)) })) };
}

interface Line {
  readonly severity: 'info' | 'warn';
  readonly message: string;
  readonly fields?: LogFields;
}

function describeEvent(event: GenerationEvent): Line | undefined {
  switch (event.type) {
    case 'retry-scheduled': {
      const { attempt, delayMs, reason } = event;
      return {
        severity: 'warn',
        message: 'retry scheduled',
        fields: { attempt, delayMs: Math.round(delayMs), reason },
      };
    }
    case 'continuation': {
      const { segment, reason, provider, model } = event;
      return {
        severity: reason === 'interrupted' ? 'warn' : 'info',
        message: 'text continued',
        fields: { segment, reason, provider, model },
      };
    }
    case 'restart':
      return { severity: 'warn', message: 'text restarted', fields: { reason: event.reason } };
    case 'warning': {
      const { message, about } = event;
      return { severity: 'warn', message, ...(about !== undefined && { fields: { about } }) };
    }
    case 'generation-end':
      return { severity: 'info', message: 'generation finished', fields: describeEnd(event) };
    default:
      return undefined;
  }
}

function describeEnd({ finishReason, usage }: GenerationEnd): LogFields {
  return {
    finishReason: finishReason.unified,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    costUsd: usage.costUsd,
    estimatedCostUsd: usage.estimatedCostUsd,
    usageSource: usage.source,
  };
}

function describeFailure(error: unknown, request: GenerationRequest): LogFields {
  const { code, message, status, retryAt } = toGenerationError(error);
  return { code, reason: message, status, retryAt, requests: stateOf(request).requests };
}
