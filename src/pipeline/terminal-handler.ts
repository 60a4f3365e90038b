import { Observable } from 'rxjs';
import { ATTEMPT_NUMBER } from '../core/attempt-number.js';
import type { Clock } from '../core/clock.js';
import { continuedMessages } from '../core/continuation.js';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { endless } from '../core/errors/endless.js';
import type { GenerationEnd, GenerationEvent } from '../core/events.js';
import type { Handler } from '../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../core/monitor.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { Redact } from '../core/ports.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { Connection, Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { Transport } from '../core/transport.js';
import { scrubbed } from '../core/errors/scrub.js';
import { isUsage } from '../core/event-shapes.js';
import { DEEPEST_JSON, isTooLarge } from '../core/outside/json.js';
import { soundUsage, withSoundUsage } from '../core/outside/sound-usage.js';
import { soundFailure } from '../core/outside/sound-failure.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import { redactedEvent } from '../core/redaction/redacted-event.js';
import { stateOf } from '../core/state.js';
import type { CurrentAttempt } from '../core/state.js';
import { checked, streamFrom } from './checked-events.js';
import type { EventSource } from './checked-events.js';
import type { ReportFault } from './fault-log.js';

export interface TerminalParts {
  readonly providers: ProviderRegistry;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly report: ReportFault;
  /** 0 for no limit. */
  readonly maxAnswerBytes: number;
}

/**
 * The end of the chain: finds the provider, gives it a monitored connection for this attempt, checks its events, and masks
 * secrets in them.
 */
export function terminalHandler(parts: TerminalParts): Handler {
  return (request) => {
    if (request.continueFrom !== undefined) throw notContinued();
    const provider = parts.providers.get(request.provider);
    // A provider without capabilities would ignore the continuation and answer afresh.
    if (provider.capabilities === undefined) continuedMessages(request, 'none');
    return attempt(provider, request, parts).pipe(checked(answerOf(request, parts)));
  };
}

/** Whatever the provider does, its attempt ends once, with an end or an error. */
function answerOf(request: GenerationRequest, { redact, report, clock }: TerminalParts): EventSource {
  const state = stateOf(request);
  const culprit = `The provider "${request.provider}"`;
  const wrong = new WrongNumbers();
  return {
    culprit,
    report,
    incomplete: () => endless(request.provider),
    ended: (close) => close(),
    clean: (event, emit) => {
      const sound = withSoundUsage(event, wrong.reject);
      if (sound !== event) wrong.warn(culprit, emit);
      if (sound.type === 'generation-end' && state.current !== undefined) noteEnd(state.current, sound);
      return redactedEvent(sound, redact);
    },
    isRepeated: (event) => event.type === 'warning' && !isFirst(state.warnings, event.message),
    refusal: (event) =>
      event.type === 'tool-call' && isTooLarge(event.arguments) ? argumentsTooDeep(event.name) : undefined,
    cleanError: (error) => scrubbed(soundFailure(toGenerationError(error), clock.now()), redact),
    rejected: (event) => {
      if (state.current !== undefined) noteRejected(state.current, event);
    },
  };
}

function isFirst(said: Set<string>, message: string): boolean {
  const isNew = !said.has(message);
  said.add(message);
  return isNew;
}

/** What a program does with the arguments of a call, such as copying them, could overflow its stack. */
function argumentsTooDeep(name: string): GenerationError {
  return new GenerationError(
    'malformed-answer',
    `The model called the tool "${name}" with arguments that are nested deeper than ${DEEPEST_JSON} levels, or too large.`,
    { retryable: true, retryLimit: 1 },
  );
}

/** What an answer costs is known, even if an interceptor keeps its end, or fails instead of passing it on. */
function noteEnd(current: CurrentAttempt, { usage, responseId }: GenerationEnd): void {
  current.sent ??= true;
  current.finalUsage = usage;
  if (responseId !== undefined) current.responseId = responseId;
}

/** The server has answered, and what it charges may be known, although the event cannot be passed on. */
function noteRejected(current: CurrentAttempt, event: unknown): void {
  current.sent ??= true;
  if (typeof event === 'object' && event !== null && 'usage' in event && isUsage(event.usage))
    current.usage = soundUsage(event.usage);
}

/** The provider's answer; an answer of more than `maxAnswerBytes` fails. */
function attempt(
  provider: Provider,
  request: GenerationRequest,
  { transport, clock, maxAnswerBytes }: TerminalParts,
): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    const given = request.context.get(ATTEMPT_MONITOR);
    let bytes = 0;
    const counting = monitorAfter(given, {
      onBytes: (count) => {
        bytes += count;
        if (bytes > maxAnswerBytes) subscriber.error(answerTooLong(maxAnswerBytes));
      },
    });
    const monitor = maxAnswerBytes === 0 ? given : counting;
    const answer: unknown = provider.generate(request, connectionFor(request, { transport, clock, monitor }));
    streamFrom(answer, `The provider "${provider.id}"`).subscribe(subscriber);
  });
}

/** Without `resume` the given text would be lost. */
function notContinued(): GenerationError {
  return new GenerationError(
    'cannot-continue',
    'continueFrom needs the interceptor "resume", which is not in the chain.',
  );
}

function answerTooLong(limit: number): GenerationError {
  return new GenerationError(
    'buffer-limit',
    `The answer is longer than ${limit} bytes (limits.maxAnswerBytes); the connection was closed.`,
  );
}

interface ConnectionParts extends Pick<TerminalParts, 'transport' | 'clock'> {
  readonly monitor: AttemptMonitor;
}

/** Reports what a transport does not report itself, so that limits, timeouts and accounting hold over any transport. */
function connectionFor(request: GenerationRequest, { transport, clock, monitor }: ConnectionParts): Connection {
  const { current, backpressure } = stateOf(request);
  const markSent = (sent: boolean): void => {
    if (current !== undefined) current.sent = sent;
  };
  return {
    open: async (wire, signal) => {
      const reported = { socket: false, connect: false, headers: false };
      const observed = monitorAfter(monitor, {
        onSocket: () => {
          reported.socket = true;
        },
        onConnect: () => {
          reported.connect = true;
          markSent(true);
        },
        onHeaders: () => {
          reported.headers = true;
        },
      });
      markSent(false);
      try {
        const response = await transport.open(wire, signal, observed);
        if (!reported.connect) observed.onConnect();
        if (!reported.headers) observed.onHeaders(response.status);
        return response;
      } catch (error) {
        // A transport that reports its sockets would have said that one was connected.
        if (!reported.socket && toGenerationError(error).neverSent !== true) markSent(true);
        throw error;
      }
    },
    monitor,
    clock,
    attempt: request.context.get(ATTEMPT_NUMBER),
    backpressure,
  };
}
