import { asObject } from 'scriptorium/provider';

/** Money in billionths of a US dollar: whole numbers, so that sums are exact. */
export type NanoDollars = number;

/** The budget of one generation that is under way. */
export interface Hold {
  readonly nano: NanoDollars;
  /** Epoch milliseconds. Without a renewal until then its process has died. */
  readonly until: number;
  /** The day on which it was counted as spent, since its process had died. */
  readonly spentOn?: string;
}

/** The money of one key. Days and months are UTC. */
export interface Account {
  /** `2026-11-27` */
  readonly day: string;
  readonly dayNano: NanoDollars;
  readonly monthNano: NanoDollars;
  readonly totalNano: NanoDollars;
  readonly holds: Readonly<Record<string, Hold>>;
}

/** A hold that is not renewed for so long counts as spent. */
export const HELD_MS = 600_000;
/** After this time a hold that counts as spent is not corrected any more. */
const REMEMBERED_MS = 86_400_000;

/** The account as it stands now: a new day and a new month begin at 0. Values that are not valid count as 0. */
export function readAccount(stored: unknown, now: number): Account {
  const { day, dayNano, monthNano, totalNano, holds } = asObject(stored) ?? {};
  const today = dayOf(now);
  // A clock that was set back does not begin a day again.
  const current = typeof day === 'string' && day > today ? day : today;
  const isSameMonth = typeof day === 'string' && monthOf(day) === monthOf(current);
  const account = {
    day: current,
    dayNano: day === current ? count(dayNano) : 0,
    monthNano: isSameMonth ? count(monthNano) : 0,
    totalNano: count(totalNano),
    holds: Object.fromEntries(Object.entries(asObject(holds) ?? {}).map(([id, hold]) => [id, readHold(hold, now)])),
  };
  return Object.entries(account.holds).reduce((rest, [id, hold]) => expired(rest, { id, hold, now }), account);
}

/** Holds money for a generation. Holding it again changes nothing. */
export function hold(account: Account, id: string, { nano, now }: { nano: NanoDollars; now: number }): Account {
  if (Object.hasOwn(account.holds, id)) return account;
  return { ...account, holds: { ...account.holds, [id]: { nano, until: now + HELD_MS } } };
}

/** Makes holds last, since their generations run. One that counts as spent by now stays so until it is settled. */
export function renew(account: Account, ids: Iterable<string>, now: number): Account {
  const holds = { ...account.holds };
  for (const id of ids) {
    const known = holds[id];
    if (known !== undefined && known.spentOn === undefined) holds[id] = { nano: known.nano, until: now + HELD_MS };
  }
  return { ...account, holds };
}

/** Replaces a hold by what was spent. An unknown hold was settled before. */
export function settle(account: Account, id: string, nano: NanoDollars): Account {
  const { [id]: known, ...holds } = account.holds;
  if (known === undefined) return account;
  if (known.spentOn === undefined) return spend({ ...account, holds }, nano);
  const corrected = { ...account, holds, totalNano: Math.max(0, account.totalNano + nano - known.nano) };
  // What an earlier day has spent too much stays its own.
  if (known.spentOn === account.day) return correct(corrected, nano - known.nano, { isSameDay: true });
  return monthOf(known.spentOn) === monthOf(account.day)
    ? correct(corrected, nano - known.nano, { isSameDay: false })
    : corrected;
}

/** The money that running generations hold. */
export function heldIn({ holds }: Account): NanoDollars {
  return Object.values(holds).reduce((sum, { nano, spentOn }) => sum + (spentOn === undefined ? nano : 0), 0);
}

/** The UTC day of a time. @param now epoch milliseconds */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** US dollars as whole billionths. */
export function toNano(usd: number): NanoDollars {
  return Math.round(usd * 1e9);
}

function expired(
  account: Account,
  { id, hold: { nano, until, spentOn }, now }: { id: string; hold: Hold; now: number },
): Account {
  if (until > now) return account;
  const { [id]: _, ...others } = account.holds;
  if (spentOn !== undefined) return until + REMEMBERED_MS <= now ? { ...account, holds: others } : account;
  return spend({ ...account, holds: { ...others, [id]: { nano, until, spentOn: account.day } } }, nano);
}

function spend(account: Account, nano: NanoDollars): Account {
  return {
    ...account,
    dayNano: account.dayNano + nano,
    monthNano: account.monthNano + nano,
    totalNano: account.totalNano + nano,
  };
}

function correct(account: Account, nano: NanoDollars, { isSameDay }: { readonly isSameDay: boolean }): Account {
  return {
    ...account,
    dayNano: isSameDay ? Math.max(0, account.dayNano + nano) : account.dayNano,
    monthNano: Math.max(0, account.monthNano + nano),
  };
}

function readHold(value: unknown, now: number): Hold {
  const { nano, until, spentOn } = asObject(value) ?? {};
  return {
    nano: count(nano),
    // A clock that was set back must not make it last.
    until: Math.min(count(until), now + HELD_MS),
    ...(typeof spentOn === 'string' && { spentOn }),
  };
}

function monthOf(day: string): string {
  return day.slice(0, 7);
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}
