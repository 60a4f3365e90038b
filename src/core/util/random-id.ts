import type { Random } from '../clock.js';

/** Creates a UUID of version 4 (RFC 9562) from random numbers in [0, 1). */
export function randomId(random: Random): string {
  const digits = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  const variant = ((parseInt(digits.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
  return `${parts.join('-')}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
