import { decimalDollars } from '../pico-dollars.js';
import { spent } from './figures.js';
import type { Money } from './figures.js';

/** `1,234,567`, or `1.23M` where there is less room. */
export function shownCount(value: number): string {
  if (value < 1_000_000) return grouped(String(value));
  return value < 1e9 ? `${(value / 1e6).toPrecision(3)}M` : `${(value / 1e9).toPrecision(3)}G`;
}

/** To a hundredth of a cent, to a cent from 100 dollars on. `~`: partly estimated; `>`: there are attempts of which nobody knows. */
export function shownMoney(money: Money): string {
  const units = spent(money);
  if (units === 0n && money.unmeasuredAttempts > 0) return '?';
  const mark = money.unmeasuredAttempts > 0 ? '>' : money.estimated > 0n ? '~' : '';
  return `${mark}$${rounded(units, units >= 100_000_000_000_000n ? 2 : 4)}`;
}

export function shownShare(share: number | undefined): string {
  if (share === undefined) return '–';
  // Only what is whole is called so.
  return share === 1 ? '100%' : `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

/** `380ms`, `4.2s`, `3m05s`. */
export function shownMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

/** Something that is not nothing is not shown as nothing. */
function rounded(units: bigint, digits: number): string {
  const scale = 10n ** BigInt(12 - digits);
  const nearest = (units + scale / 2n) / scale;
  if (nearest === 0n && units > 0n)
    return Number(Number(decimalDollars(units)).toPrecision(1))
      .toFixed(12)
      .replace(/0+$/, '');
  const text = nearest.toString().padStart(digits + 1, '0');
  return `${grouped(text.slice(0, -digits))}.${text.slice(-digits)}`;
}

function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
