import type { AccountInfo, ModelInfo } from '../core/catalogue.js';
import type { Clock } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import { SILENT_MONITOR } from '../core/monitor.js';
import type { Connection, Provider } from '../core/provider.js';
import type { Redact } from '../core/ports.js';
import type { Transport } from '../core/transport.js';
import type { Lifetime } from './lifetime.js';
import { providerNamed } from './provider-named.js';
import { scrubbed } from './scrub.js';

export interface LookUpParts {
  readonly providers: readonly Provider[];
  readonly firstProvider: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly lifetime: Lifetime;
}

/** What is asked, for the message, and how. */
export interface Question<T> {
  readonly about: string;
  readonly ask: (provider: Provider, connection: Connection) => Promise<T> | undefined;
}

export const MODELS: Question<readonly ModelInfo[]> = { about: 'models', ask: (provider, connection) => provider.models?.(connection) };
export const ACCOUNT: Question<AccountInfo> = { about: 'account', ask: (provider, connection) => provider.account?.(connection) };

/** Asks a provider something that is no generation. @throws GenerationError where it cannot tell, `aborted` when the pipeline ends */
export async function lookUp<T>(parts: LookUpParts, id: string | undefined, question: Question<T>): Promise<T> {
  const controller = new AbortController();
  let leave = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    leave = parts.lifetime.onEnd((error) => {
      controller.abort();
      reject(error);
    });
  });
  try {
    return await Promise.race([ended, controller.signal.aborted ? ended : ask(parts, providerNamed(id ?? parts.firstProvider, parts.providers), { ...question, signal: controller.signal })]);
  } catch (error) {
    throw scrubbed(toGenerationError(error), parts.redact);
  } finally {
    leave();
  }
}

function ask<T>({ transport, clock }: LookUpParts, provider: Provider, { about, ask: put, signal: ended }: Question<T> & { readonly signal: AbortSignal }): Promise<T> {
  const answer = put(provider, {
    open: (wire, signal) => transport.open(wire, AbortSignal.any([signal, ended]), SILENT_MONITOR),
    monitor: SILENT_MONITOR,
    clock,
  });
  if (answer === undefined) throw new GenerationError('invalid-input', `The provider "${provider.id}" does not tell its ${about}.`);
  return answer;
}
