import type { Settings } from './settings.js';

type Numbers = Readonly<Record<string, number>>;

const SECOND_MS = 1_000;

/** Sections of a configuration, with what the settings of a file say about them. */
export interface Sections {
  readonly retry?: Numbers;
  readonly timeouts?: Numbers;
  readonly breaker?: Numbers;
  readonly concurrency?: Numbers;
  readonly defaults?: Numbers;
}

/** Takes over retries, timeouts, cool-downs and sampling. @param index the deployment whose own settings come first */
export function sectionsOf(settings: Settings, index: number): Sections {
  const own = ['model_list', index, 'litellm_params'] as const;
  const first = (...names: readonly string[]): number | undefined => {
    const found = names.flatMap((name) => [
      settings.number(...own, name),
      settings.number('router_settings', name),
      settings.number('litellm_settings', name),
    ]);
    return found.find((value) => value !== undefined);
  };
  const retries = first('num_retries', 'max_retries');
  const openMs = inMs(first('cooldown_time'));
  return sections({
    retry: { maxAttempts: retries === undefined ? undefined : retries + 1, baseMs: inMs(first('retry_after')) },
    timeouts: { attemptMs: inMs(first('timeout', 'request_timeout')), firstTokenMs: inMs(first('stream_timeout')) },
    breaker: { openMs, longestOpenMs: openMs === undefined ? undefined : Math.max(openMs, LONGEST_OPEN_MS) },
    concurrency: { max: first('max_parallel_requests', 'default_max_parallel_requests') },
    defaults: { maxTokens: first('max_tokens'), temperature: first('temperature'), topP: first('top_p') },
  });
}

/** The default of `breaker.longestOpenMs`. */
const LONGEST_OPEN_MS = 60_000;

/** The smallest limit of all deployments: one limit holds for every key. */
export function rateLimitOf(settings: Settings, indices: readonly number[]) {
  const least = (name: 'rpm' | 'tpm'): number | undefined => {
    const found = indices.flatMap((index) => [
      settings.number('model_list', index, 'litellm_params', name),
      settings.number('model_list', index, name),
    ]);
    const values = found.filter((value) => value !== undefined && value > 0);
    return values.length === 0 ? undefined : Math.min(...values.map(Number));
  };
  const [requestsPerMinute, tokensPerMinute] = [least('rpm'), least('tpm')];
  return withoutGaps({ requestsPerMinute, tokensPerMinute });
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * SECOND_MS);
}

function sections(given: Readonly<Record<keyof Sections, Readonly<Record<string, number | undefined>>>>): Sections {
  const filled = Object.entries(given).map(([name, values]) => [name, withoutGaps(values)] as const);
  return Object.fromEntries(filled.filter(([, values]) => Object.keys(values).length > 0));
}

function withoutGaps(values: Readonly<Record<string, number | undefined>>): Numbers {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Numbers;
}
