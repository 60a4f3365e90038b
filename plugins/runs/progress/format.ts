import type { JournalCost } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';

/** `1,234` */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** US dollars, with more digits where there is less: `$12.34`, `$0.0123`. */
export function dollars(usd: number): string {
  return `$${usd === 0 || usd >= 1 ? usd.toFixed(2) : usd.toFixed(4)}`;
}

/** The cost of a run, with what is not certain about it. */
export function costText({ known, estimated, unmeasuredAttempts }: JournalCost): string {
  const sum = `${estimated > 0 ? 'about ' : ''}${dollars(known + estimated)}`;
  return unmeasuredAttempts === 0 ? sum : `${sum} and ${counted(unmeasuredAttempts, 'attempt')} of unknown cost`;
}

/** `1 item`, `2 items` */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A duration in its two largest units: `3 d 4 h`, `1 h 20 min`, `45 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A time in UTC, to the minute: `2026-11-29 00:00 UTC`. @param ms epoch milliseconds */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A time, and how far away it is. */
export function untilText(until: number, now: number): string {
  return `until ${timeText(until)} (in ${durationText(until - now)})`;
}

/** The number of all items. */
export function itemCount({ items }: RunStatus): number {
  return Object.values(items).reduce((sum, count) => sum + count, 0);
}

const REASONS: Readonly<Record<string, string>> = {
  quota: "the provider's quota is used up",
  'rate-limit': "the provider's rate limit is reached",
  budget: 'the budget is used up',
  breaker: 'the provider keeps failing',
  'retry-budget': 'too many requests have failed',
  slot: 'there is no free slot',
  store: 'a store does not answer',
  overloaded: 'the provider is overloaded',
  'server-error': 'the provider failed',
  connection: 'the connection failed',
  dns: 'the host was not found',
  timeout: 'no answer in time',
  'empty-answer': 'the answer was empty',
  truncated: 'the answer broke off',
  'malformed-answer': 'the answer made no sense',
};

/** The reason why an item waits, in words. */
export function reasonText(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : (REASONS[reason] ?? reason);
}
