import { createHash } from 'node:crypto';

/**
 * The 32-bit seed that belongs to some values: equal values, equal seed, on every machine.
 * Takes anything that JSON can express; the order of the values counts.
 */
export function seedOf(...values: readonly unknown[]): number {
  return createHash('sha256').update(JSON.stringify(values)).digest().readUInt32LE(0);
}

/**
 * A number in [0, 1) that depends on the seed and the index alone: there is no state, so the hundredth draw can be made without the
 * ninety-nine before it. The mixing is the finaliser of MurmurHash3 (Austin Appleby, public domain) over a Weyl sequence.
 */
export function chanceAt(seed: number, index: number): number {
  let bits = (seed + Math.imul(index + 1, 0x9e3779b9)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
