import { modelVersion } from 'scriptorium/provider';

/**
 * The version that a Claude model's name tells, as one number: 405 for `claude-sonnet-4-5-20250929`. A Claude without a number
 * is taken for the newest (Infinity); the model of another vendor, which may speak this protocol too, has none (undefined).
 */
export function claudeVersion(model: string): number | undefined {
  return modelVersion(model, 'claude');
}

/** From here on a model takes a temperature or a top-p, and refuses both together. */
export const ONE_SAMPLER = 400;
/** From here on a model decides itself how much it thinks, and takes an effort. */
export const ADAPTIVE_THINKING = 406;
/** From here on a model refuses a thinking budget, and every temperature, top-p and top-k but the default ones. */
export const OWN_SAMPLING = 407;
