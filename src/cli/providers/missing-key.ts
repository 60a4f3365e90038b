import { ConfigError } from 'scriptorium';
import type { Settings } from './settings.js';
import { vendorsWithKey } from './has-key.js';
import { PROVIDER_NAMES, VENDORS } from './vendors.js';

/** A required key, as the configuration reports it. */
const KEY_PROBLEM = /^plugins\.(.+)\.apiKey .*is required/;

/** Whether a command failed for want of a key, or of a provider at all. */
export function isKeyMissing(error: unknown): error is ConfigError {
  return (
    error instanceof ConfigError &&
    (error.problems.some((problem) => KEY_PROBLEM.test(problem)) ||
      error.message.startsWith('The pipeline has no provider'))
  );
}

/** The same error, with the ways on, if it is about a key. Other problems of the configuration stay in it. */
export function withWaysOn(error: unknown, settings: Settings): unknown {
  if (!isKeyMissing(error)) return error;
  const others = error.problems.filter((problem) => !KEY_PROBLEM.test(problem));
  const missing = error.problems.map((problem) => KEY_PROBLEM.exec(problem)?.[1]).filter((id) => id !== undefined);
  const heading = headingOf(missing[0] ?? 'openrouter', settings);
  const also =
    others.length === 0 ? [] : ['The configuration is not right, either:', ...others.map((each) => `- ${each}`)];
  return new ConfigError([heading, ...also].join('\n'), { problems: error.problems, cause: error });
}

function headingOf(id: string, settings: Settings): string {
  const keyed = vendorsWithKey(settings);
  if (id === 'openrouter' && keyed.length > 1)
    return `There are keys of ${keyed.join(' and ')}, and none of OpenRouter's: choose with --provider ${keyed[0]}, or -m ${keyed[0]}/MODEL, or set OPENROUTER_API_KEY. Or add --demo.`;
  const variable = VENDORS.get(id)?.keyVariable;
  const first = id === 'openrouter' || variable === undefined ? [] : [`- ${variable}=…: ${id} itself`];
  return [
    id === 'openrouter' ? 'There is no key of a provider.' : `There is no key of ${id}.`,
    'Set one of these variables, or write it into .env:',
    ...first,
    '- OPENROUTER_API_KEY=…: some hundred models, free ones among them (https://openrouter.ai/keys)',
    ...(first.length > 0 ? [] : [`- ${keyVariables()}: with -m NAME/MODEL, such as -m openai/gpt-4o`]),
    'Or go on without a key:',
    '- -m ollama/llama3.2: a server on this machine (ollama, vllm, llama-cpp, lm-studio)',
    '- --demo: the emulator answers, with Moby-Dick',
  ].join('\n');
}

function keyVariables(): string {
  return [...VENDORS.values()].flatMap(({ keyVariable }) => keyVariable ?? []).join(', ');
}

/** For a name that is no provider's. */
export function unknownProvider(name: string): string {
  return `There is no provider "${name}"; known: ${PROVIDER_NAMES.join(', ')}. Others need a configuration file that loads their plugin.`;
}
