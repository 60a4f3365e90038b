import { cutToWidth, shownLine, widthOf } from 'scriptorium/plugin';
import { stateOfKey } from '../access/keys/key-record.js';
import type { KeyRecord } from '../access/keys/key-record.js';

/** The widest name or policy: a line then fits into 80 columns. */
const WIDEST = 18;
const HEADS = ['NAME', 'KEY', 'POLICY', 'STATE'];

/** The keys as a table, the newest last. Times are UTC. @param now epoch milliseconds */
export function keyTable(keys: readonly KeyRecord[], now: number): string {
  if (keys.length === 0) return 'There is no key. Add one: scriptorium gateway key add NAME\n';
  const rows = [...keys]
    .sort((a, b) => a.createdAt - b.createdAt)
    .map((key) => [cut(key.name), `${cut(key.prefix)}…`, cut(key.policy ?? '-'), stateText(key, now)]);
  const widths = HEADS.map((_, column) => Math.max(...[HEADS, ...rows].map((row) => widthOf(row[column] ?? ''))));
  return [HEADS, ...rows].map((row) => `${line(row, widths)}\n`).join('');
}

function line(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
    .join('  ')
    .trimEnd();
}

function stateText(key: KeyRecord, now: number): string {
  const state = stateOfKey(key, now);
  switch (state) {
    case 'revoked':
      return key.revokedAt === 0 ? 'damaged' : `revoked ${dayAndTime(key.revokedAt)}`;
    case 'expired':
      return `expired ${dayAndTime(key.expiresAt)}`;
    case 'valid':
      return key.expiresAt === undefined ? 'valid' : `valid to ${dayAndTime(key.expiresAt)}`;
    default:
      return state satisfies never;
  }
}

function dayAndTime(time = 0): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

function cut(text: string): string {
  return cutToWidth(shownLine(text), WIDEST);
}
