import { serverOf } from './servers.js';
import type { KnownServer } from './servers.js';
import { isMapping } from './settings.js';
import type { Settings } from './settings.js';

/** An entry of `model_list`. */
export interface Deployment {
  /** Its place in the list. */
  readonly index: number;
  /** The name by which it is asked for; several deployments may have the same. */
  readonly group: string;
  readonly server: KnownServer;
  /** The name that the provider gives to the model. */
  readonly model: string;
  readonly baseUrl: string | undefined;
}

/** The deployments of a file, and the reasons why others are left out. */
export interface Deployments {
  readonly known: readonly Deployment[];
  readonly problems: readonly string[];
}

const ENVIRONMENT = 'os.environ/';

/** Reads `model_list`. */
export function deploymentsOf(settings: Settings): Deployments {
  const known: Deployment[] = [];
  const problems: string[] = [];
  for (const [index, entry] of settings.list('model_list').entries()) {
    const path = `model_list.${index}`;
    const read = isMapping(entry) ? readDeployment(settings, index) : 'is not a mapping';
    if (typeof read !== 'string') known.push(read);
    else {
      settings.take('model_list', index);
      problems.push(`${path} ${read}.`);
    }
  }
  return { known, problems };
}

/** @returns the reason why it cannot be taken over, as a text */
function readDeployment(settings: Settings, index: number): Deployment | string {
  const at = ['model_list', index, 'litellm_params'] as const;
  const group = settings.text('model_list', index, 'model_name');
  const name = settings.text(...at, 'model');
  if (group === undefined || name === undefined) return 'has no model_name, or no litellm_params.model';
  const address = settings.text(...at, 'api_base') ?? settings.text(...at, 'base_url');
  const baseUrl = address === undefined ? undefined : literal(address);
  const mode = settings.text('model_list', index, 'model_info', 'mode') ?? 'chat';
  if (mode !== 'chat') return `is for ${mode}; only chat models are generated with`;
  const found = serverOf(name, baseUrl);
  if (found === undefined) return `has the model "${name}", whose provider no plugin of the package speaks to`;
  return { index, group, ...found, baseUrl };
}

/** The variable that a value refers to: `os.environ/NAME`. */
export function variableIn(value: string): string | undefined {
  return value.startsWith(ENVIRONMENT) ? value.slice(ENVIRONMENT.length) : undefined;
}

/** A value that stands in the file itself. */
export function literal(value: string): string | undefined {
  return value.startsWith(ENVIRONMENT) ? undefined : value;
}
