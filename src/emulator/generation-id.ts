import type { Host } from './host.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 20;

/** A new id in the form of OpenRouter's: the time in seconds, and letters and digits by chance. */
export function generationId(host: Host): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[Math.floor(host.random() * ALPHABET.length)]);
  return `gen-${Math.floor(host.now() / 1000)}-${letters.join('')}`;
}
