import type { Shell } from './shell.js';

interface WithDotEnv {
  readonly fromDotEnv?: Shell['fromDotEnv'] | undefined;
}

/** Names the source of a value: a variable that `.env` has set is told apart from one of the environment. */
export function sourceOf(source: string, { fromDotEnv }: WithDotEnv): string {
  return fromDotEnv?.has(source) === true ? `${source} in .env` : source;
}

/** The same within the message of a problem: "(from OPENROUTER_MAX_TOKENS in .env)". */
export function withDotEnv(problem: string, shell: WithDotEnv): string {
  return problem.replaceAll(/\(from ([^)]+)\)/g, (_, source: string) => `(from ${sourceOf(source, shell)})`);
}
