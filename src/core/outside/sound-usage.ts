import type { GenerationEvent } from '../events.js';
import type { Usage } from '../usage.js';
import { isCount, isDollars } from './numbers.js';
import type { Reject } from './wrong-numbers.js';

/**
 * Returns a usage without the numbers that cannot be true. If one of its token counts cannot be true, the usage is
 * `rejected`: a count of 0 then means that it is not known. Returns the same object if all its numbers can be true.
 */
export function soundUsage(usage: Usage, reject?: Reject): Usage {
  let isSound = isCount(usage.inputTokens) && isCount(usage.outputTokens);
  // Faster than `Object.entries`, and this runs for each usage.
  for (const name in usage) isSound &&= isPossible(name, usage[name as keyof Usage]);
  return isSound ? usage : withoutWrong(usage, reject);
}

function withoutWrong(usage: Usage, reject: Reject | undefined): Usage {
  const possible = Object.entries(usage).filter(([name, value]) => {
    if (isPossible(name, value)) return true;
    reject?.(name, value);
    return false;
  });
  const { source, ...numbers } = Object.fromEntries(possible) as Partial<Usage> & Pick<Usage, 'source'>;
  const { inputTokens, outputTokens, ...others } = numbers;
  const isCounted = inputTokens !== undefined && outputTokens !== undefined;
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...others,
    source: isCounted ? source : 'rejected',
  };
}

function isPossible(name: string, value: unknown): boolean {
  if (value === undefined) return true;
  return name.endsWith('Usd') ? isDollars(value) : name.endsWith('Tokens') ? isCount(value) : true;
}

/** Returns an event with a sound usage; the same event if it has one, or none. */
export function withSoundUsage(event: GenerationEvent, reject?: Reject): GenerationEvent {
  if (event.type !== 'generation-end' && event.type !== 'response-metadata') return event;
  const { usage } = event;
  if (usage === undefined) return event;
  const sound = soundUsage(usage, reject);
  return sound === usage ? event : { ...event, usage: sound };
}
