import type { AccountInfo, CreditsInfo, GenerationInfo, ModelInfo, ModelsOptions } from '../core/catalogue.js';
import type { Clock } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { scrubbed } from '../core/errors/scrub.js';
import { SILENT_MONITOR } from '../core/monitor.js';
import { isAccountDollars } from '../core/outside/numbers.js';
import { soundFailure } from '../core/outside/sound-failure.js';
import { soundAccount, soundGeneration, soundModel } from '../core/outside/sound-infos.js';
import { WrongNumbers } from '../core/outside/wrong-numbers.js';
import type { Reject } from '../core/outside/wrong-numbers.js';
import { redactedCopy } from '../core/redaction/redacted-copy.js';
import type { Logger, Redact } from '../core/ports.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { Connection, Provider } from '../core/provider.js';
import { questionConnection } from '../core/question-connection.js';
import type { Transport } from '../core/transport.js';
import { disposed } from './lifetime.js';
import type { Lifetime } from './lifetime.js';

export interface LookUpParts {
  readonly providers: ProviderRegistry;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly logger: Pick<Logger, 'warn'>;
  readonly lifetime: Lifetime;
}

/** A question to a provider, with its subject for error messages. */
export interface Question<T> {
  readonly about: string;
  /** Undefined where the provider cannot be asked. */
  readonly ask: (provider: Provider, connection: Connection, signal: AbortSignal) => Promise<T> | undefined;
  /** Leaves out the numbers of an answer that cannot be true. */
  readonly sound: (answer: T, reject: Reject) => T;
  /** Nothing is sent. */
  readonly isOffline?: boolean;
}

export function models(options: ModelsOptions): Question<readonly ModelInfo[]> {
  return {
    about: 'models',
    ask: (provider, connection) => provider.catalogue?.models(connection, options),
    sound: (list) => list.map(soundModel),
    isOffline: options.offline === true,
  };
}

export const KEY: Question<AccountInfo> = {
  about: 'key',
  ask: (provider, connection) => provider.account?.key?.(connection),
  sound: soundAccount,
};
export const CREDITS: Question<CreditsInfo> = {
  about: 'credits',
  ask: (provider, connection) => provider.account?.credits?.(connection),
  sound: soundCredits,
};

/** @throws GenerationError `malformed-answer`, since credits without an amount say nothing */
function soundCredits(credits: CreditsInfo): CreditsInfo {
  const { totalUsd, usedUsd, remainingUsd } = credits;
  if ([totalUsd, usedUsd, Math.abs(remainingUsd)].every(isAccountDollars)) return credits;
  throw new GenerationError('malformed-answer', 'The amounts in the answer of the provider cannot be true.');
}

export function generationOf(id: string): Question<GenerationInfo> {
  return {
    about: 'generations',
    ask: (provider, connection, signal) =>
      provider.account?.lookup === undefined
        ? undefined
        : askUntilKnown(id, { ask: () => provider.account?.lookup?.(id, connection), clock: connection.clock, signal }),
    sound: soundGeneration,
  };
}

/** Asks a provider a question beside generations. @throws GenerationError if it cannot answer; `aborted` when the pipeline ends */
export async function lookUp<T>(parts: LookUpParts, id: string | undefined, question: Question<T>): Promise<T> {
  const controller = new AbortController();
  const refusal = parts.lifetime.refusal();
  if (refusal !== undefined) throw refusal;
  const wrong = new WrongNumbers();
  let leave = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    leave = parts.lifetime.onEnd((error) => {
      controller.abort();
      reject(error);
    });
  });
  try {
    const provider = parts.providers.get(id ?? parts.providers.firstId);
    const answer = await Promise.race([ended, put(parts, provider, { ...question, signal: controller.signal })]);
    return redactedCopy(question.sound(answer, wrong.reject), parts.redact);
  } catch (error) {
    throw scrubbed(soundFailure(toGenerationError(error), parts.clock.now()), parts.redact);
  } finally {
    leave();
    const warning = wrong.warning(`The provider "${id ?? parts.providers.firstId}"`);
    if (warning !== undefined) parts.logger.warn(parts.redact(warning));
  }
}

function put<T>(
  { transport, clock }: LookUpParts,
  provider: Provider,
  { about, ask, isOffline = false, signal: ended }: Omit<Question<T>, 'sound'> & { readonly signal: AbortSignal },
): Promise<T> {
  const answer = ask(
    provider,
    questionConnection(
      (wire, signal) =>
        isOffline ? Promise.reject(notSent()) : transport.open(wire, AbortSignal.any([signal, ended]), SILENT_MONITOR),
      clock,
    ),
    ended,
  );
  if (answer === undefined)
    throw new GenerationError(
      'invalid-input',
      `The provider "${provider.id}" does not report its ${about}. Ask another provider of the pipeline.`,
    );
  return answer;
}

function notSent(): GenerationError {
  return new GenerationError(
    'connection',
    'Nothing was sent, since it was asked for offline; this provider knows nothing without asking.',
    { neverSent: true },
  );
}

export interface AskUntilKnownParts {
  readonly ask: () => Promise<GenerationInfo | undefined> | undefined;
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** A vendor knows an answer some seconds after its end only. */
const ASKED_AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000];

/** Asks about an answer, and again while the vendor does not know it, five times at the most. @throws `not-found` */
export async function askUntilKnown(id: string, { ask, clock, signal }: AskUntilKnownParts): Promise<GenerationInfo> {
  for (const delayMs of [0, ...ASKED_AGAIN_AFTER_MS]) {
    if (delayMs > 0) await pause(delayMs, clock, signal);
    const known = await ask();
    if (known !== undefined) return known;
  }
  throw new GenerationError(
    'not-found',
    `The provider does not know the answer "${id}", asked ${ASKED_AGAIN_AFTER_MS.length + 1} times in 15 s. Check the id (responseId of an attempt); one that was broken off may take longer.`,
    { status: 404 },
  );
}

function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
    const leave = (): void => {
      cancel();
      reject(disposed());
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  });
}
