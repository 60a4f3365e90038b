import type { Deployment } from './deployments.js';
import { isMapping } from './settings.js';
import type { Settings } from './settings.js';

const PLACES = ['router_settings', 'litellm_settings'] as const;

/**
 * The deployments that a generation tries, in order: those of the chosen model, then those of its fallbacks. Fallbacks of other
 * models stay unread.
 */
export function routeOf(settings: Settings, known: readonly Deployment[], group: string): readonly Deployment[] {
  const groups = [group, ...fallbacksOf(settings, group)];
  return groups.flatMap((name) => known.filter((deployment) => deployment.group === name));
}

function fallbacksOf(settings: Settings, group: string): readonly string[] {
  const own = PLACES.flatMap((place) =>
    settings.list(place, 'fallbacks').flatMap((entry, index) => {
      if (!isMapping(entry) || entry[group] === undefined) return [];
      return texts(settings.take(place, 'fallbacks', index, group));
    }),
  );
  const others = PLACES.flatMap((place) => texts(settings.take(place, 'default_fallbacks')));
  return [...new Set([...own, ...others])].filter((name) => name !== group);
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
