import type { GenerationResult } from 'scriptorium';
import { shownLine, shownText } from '../shown/shown-text.js';
import { VENDORS } from './providers/vendors.js';
import { widthOf } from '../shown/width.js';
import type { Shown } from '../shown/shown-text.js';

/** What was measured while the text came. */
export interface Measured {
  words(): number;
  seconds(): number;
  /** Undefined where a speed makes no sense. */
  perSecond(tokens: number): number | undefined;
}

const USUAL_COLUMNS = 80;

/** What a text came to, in a line or two that fit the terminal. */
export function summary(
  { usage, cost, attempts, segments, model, provider }: GenerationResult,
  measured: Measured,
  columns = USUAL_COLUMNS,
): Shown {
  const speed = measured.perSecond(usage.outputTokens);
  return shownText(
    fit(
      [
        `${measured.words()} words`,
        `${usage.inputTokens} + ${usage.outputTokens} tokens`,
        ...(speed === undefined ? [] : [`${speed.toFixed(0)} tokens/s`]),
        ...priceOf(cost),
        `${measured.seconds().toFixed(1)} s`,
        ...(attempts.length === 1 ? [] : [`${attempts.length} attempts`]),
        ...(segments.length === 1 ? [] : [`${segments.length} segments`]),
        shownLine(VENDORS.has(provider) ? `${model} (${provider})` : model),
      ],
      columns,
    ),
  );
}

/** The price as a part of the line; no part at all for what cost nothing. */
function priceOf({ known, estimated, unmeasuredAttempts }: GenerationResult['cost']): readonly string[] {
  const dollars = `$${(known + estimated).toFixed(6)}`;
  if (unmeasuredAttempts > 0) return [known + estimated === 0 ? 'cost unknown' : `at least ${dollars}`];
  if (known + estimated === 0) return [];
  return [estimated > 0 ? `about ${dollars}` : dollars];
}

/** Breaks the line between two parts. */
function fit(parts: readonly string[], columns: number): string {
  const lines = [''];
  for (const part of parts) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? part : `${line}, ${part}`;
    if (line !== '' && widthOf(longer) >= columns) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n');
}
