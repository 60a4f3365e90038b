import type { UsageSnapshot } from '../../src/index.js';
import type { Check } from '../kit/checks.js';
import type { Counts } from './chapters.js';
import type { RequestEntry } from './protocol.js';
import { canContinue } from './settings.js';
import type { StormSettings } from './settings.js';

/** The findings of a whole storm. */
export interface StormFindings {
  readonly settings: StormSettings;
  readonly counts: Counts;
  readonly stats: UsageSnapshot;
  readonly log: readonly RequestEntry[];
  readonly seconds: number;
}

/** The share of the paid tokens that a stream of an exact model may lose at most. */
const MOST_PAID_TWICE = 0.02;

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
const failures = ({ failed }: Counts): number => sum(Object.values(failed));

/** Completion tokens that were paid for and are in no text. */
function paidTwice({ counts, log }: StormFindings): { readonly tokens: number; readonly of: number } {
  const completion = sum(log.map(({ completionTokens }) => completionTokens));
  return { tokens: completion - counts.usefulTokens, of: completion };
}

/** Prompt tokens beyond those of one request a chapter. */
function promptAgain({ settings, log }: StormFindings): { readonly tokens: number; readonly of: number } {
  const prompt = sum(log.map(({ promptTokens }) => promptTokens));
  const first = log.filter(({ messages }) => messages === 2).map(({ promptTokens }) => promptTokens);
  const once =
    first.length === 0 ? 0 : settings.chapters * (sum(first) / first.filter((tokens) => tokens !== undefined).length);
  return { tokens: prompt - once, of: prompt };
}

/** Prints the four lines of the report. */
export function printReport(findings: StormFindings): void {
  const { settings, counts, log, seconds } = findings;
  const { rate, chapters, seed, wire, kind, route, by } = settings;
  const failed = failures(counts);
  const [twice, again] = [paidTwice(findings), promptAgain(findings)];
  const [then, byTwo] = route === '' ? ['', ''] : [` then ${route}`, `, ${counts.foreign} chapters by two models`];
  const cut = canContinue(settings) ? '' : `  cut ${counts.cut}`;
  const codes = failed === 0 ? '' : ` ${JSON.stringify(counts.failed)}`;
  const faulted = log.filter(({ isFaulted }) => isFaulted).length;
  console.log(
    `storm: rate ${rate}, ${chapters} chapters, seed ${seed}, ${wire}, ${kind}${then}, ${by}(), ${seconds.toFixed(1)} s`,
  );
  console.log(`  exact ${counts.exact}${cut}  wrong ${counts.wrong}  failed ${failed}${codes}`);
  console.log(
    `  ${(log.length / chapters).toFixed(2)} requests a chapter (${faulted} of ${log.length} met a fault), ${(counts.segments / chapters).toFixed(2)} segments a chapter${byTwo}`,
  );
  console.log(
    `  completion tokens paid twice: ${percent(share(twice.tokens, twice.of))} (${twice.tokens} of ${twice.of}); input tokens paid again: ${Math.round(again.tokens)} of ${again.of} (${percent(share(again.tokens, again.of))})`,
  );
}

/** Judges the storm. */
export function checksOf(findings: StormFindings): readonly Check[] {
  const { settings, counts, stats } = findings;
  const twice = paidTwice(findings);
  const written = counts.exact + counts.cut + counts.wrong;
  const whole = { what: 'no text stayed cut', isRight: counts.cut === 0 };
  const noneFailed = { what: 'no chapter failed', isRight: failures(counts) === 0 };
  const thrifty = {
    what: `fewer than ${percent(MOST_PAID_TWICE)} of the tokens were paid twice`,
    isRight: share(twice.tokens, twice.of) < MOST_PAID_TWICE,
  };
  return [
    { what: 'no wrong text is called whole', isRight: counts.wrong === 0 },
    ...(canContinue(settings) ? [whole] : []),
    { what: 'every partial is the beginning of its text', isRight: counts.lostPartials === 0 },
    {
      what: 'every generation is counted',
      isRight: stats.requests === settings.chapters && stats.successful === written,
    },
    ...(settings.by === 'generate' ? [noneFailed] : []),
    ...(settings.kind === 'exact' && settings.wire === 'sse' ? [thrifty] : []),
  ];
}
