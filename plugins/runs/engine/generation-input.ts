import type { GenerationInput } from 'scriptorium';
import type { ClaimedItem } from '../journal/item.js';

/** Whether a text of this input can be continued: only plain text can be joined. */
export function isContinuable({ tools, responseFormat }: GenerationInput): boolean {
  return tools === undefined && (responseFormat === undefined || responseFormat.type === 'text');
}

/** The id of the generation of a claim. */
export function generationId({ lease: { run, item, epoch } }: ClaimedItem): string {
  return `${run}/${item}/${epoch}`;
}

/** The input of the generation of a claim: continues the item's text, within its share of the run's budget. */
export function generationInput(claimed: ClaimedItem, signal: AbortSignal): GenerationInput {
  const { input, lease, labels, text, holdUsd } = claimed;
  const { overrides } = input;
  const generationUsd = smaller(holdUsd, overrides?.budget?.generationUsd);
  return {
    ...input,
    id: generationId(claimed),
    wire: 'sse',
    labels: { ...input.labels, ...labels, run: lease.run, item: lease.item },
    ...(text !== '' && { continueFrom: text }),
    overrides: {
      ...overrides,
      continuity: { ...overrides?.continuity, onBreak: 'resume' },
      ...(generationUsd !== undefined && { budget: { ...overrides?.budget, generationUsd } }),
    },
    signal,
  };
}

/** Of two limits the smaller one. The caller's 0 means no limit. */
function smaller(hold: number | undefined, own: number | undefined): number | undefined {
  if (hold === undefined || own === undefined || own === 0) return hold ?? own;
  return Math.min(hold, own);
}
