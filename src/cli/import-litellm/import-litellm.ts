import { deploymentsOf, variableIn } from './deployments.js';
import type { Deployment } from './deployments.js';
import { rateLimitOf, sectionsOf } from './numbers.js';
import { hintFor } from './hints.js';
import { routeOf } from './routes.js';
import { isMapping, Settings } from './settings.js';

/** A configuration that was made of LiteLLM's. */
export interface Imported {
  readonly config: Readonly<Record<string, unknown>>;
  /** What the reader must do or know, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Makes a configuration of LiteLLM's, which is parsed already. No key becomes part of it.
 * @param model the `model_name` that generations use; the first one by default
 * @throws RangeError with the reason, if nothing can be made of it
 */
export function importLitellm(document: unknown, model?: string): Imported {
  if (!isMapping(document)) throw new RangeError('it is not a mapping with a model_list');
  const settings = new Settings(document);
  const { known, problems } = deploymentsOf(settings);
  const [first] = model === undefined ? known : known.filter(({ group }) => group === model);
  if (first === undefined) throw new RangeError(nothingIn(known, problems, model));
  const route = routeOf(settings, known, first.group);
  const { used, left } = oneServerEach(route);
  const keys = keysOf(settings, used);
  const config = configOf(settings, first, used);
  const others = new Set(
    known.filter(({ group }) => !route.some((each) => each.group === group)).map(({ group }) => group),
  );
  for (const { index } of known) if (!used.some((each) => each.index === index)) settings.take('model_list', index);
  return {
    config,
    notes: [
      ...keys,
      ...problems,
      ...left,
      ...[...others].map(
        (group) => `The model "${group}" is not in the configuration; import it with --model ${group}.`,
      ),
      ...settings.unused().map((path) => `${path} has no counterpart.${hintFor(path)}`),
    ],
  };
}

function nothingIn(known: readonly Deployment[], problems: readonly string[], model: string | undefined): string {
  if (model === undefined) return problems.length === 0 ? 'its model_list is empty' : problems.join(' ');
  const names = [...new Set(known.map(({ group }) => group))].join(', ');
  return `it has no model "${model}" that can be used; known: ${names === '' ? 'none' : names}`;
}

/** A configuration file has one server of each plugin: the first one of the route. */
function oneServerEach(route: readonly Deployment[]) {
  const servers = new Map<string, Deployment>();
  const used: Deployment[] = [];
  const left: string[] = [];
  for (const deployment of route) {
    const { plugin } = deployment.server;
    const first = servers.get(plugin) ?? deployment;
    servers.set(plugin, first);
    const isSame = first.server.preset === deployment.server.preset && first.baseUrl === deployment.baseUrl;
    if (isSame) used.push(deployment);
    else
      left.push(
        `model_list.${deployment.index} ("${deployment.model}") is on a second server of the plugin ${plugin}. A configuration file holds one; add the other in a program: createPipeline({ plugins: [openaiCompatible({ id, preset })] }).`,
      );
  }
  return { used, left };
}

function configOf(settings: Settings, first: Deployment, used: readonly Deployment[]) {
  const { defaults, ...sections } = sectionsOf(settings, first.index);
  const rateLimit = rateLimitOf(
    settings,
    used.map(({ index }) => index),
  );
  const routes = distinctModels(used).slice(1);
  const plugins = [...new Set(used.map(({ server }) => server.plugin))];
  // The command line has the plugin openrouter anyway.
  const added = plugins.filter((plugin) => plugin !== 'openrouter');
  const configured = plugins.map((plugin) => [plugin, pluginOf(used, plugin)] as const);
  return {
    ...(added.length > 0 && { load: added.map((plugin) => `scriptorium/plugins/${plugin}`) }),
    defaults: { provider: first.server.plugin, model: first.model, ...defaults },
    ...(routes.length > 0 && { routes }),
    ...sections,
    ...(Object.keys(rateLimit).length > 0 && { rateLimit }),
    plugins: Object.fromEntries(configured.filter(([, values]) => Object.keys(values).length > 0)),
  };
}

function pluginOf(used: readonly Deployment[], plugin: string) {
  const { server, baseUrl } = used.find((deployment) => deployment.server.plugin === plugin) ?? {};
  return {
    ...(server?.preset !== undefined && { preset: server.preset }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

function distinctModels(deployments: readonly Deployment[]) {
  const routes = deployments.map(({ server, model }) => ({ provider: server.plugin, model }));
  return routes.filter(
    ({ provider, model }, at) => routes.findIndex((each) => each.provider === provider && each.model === model) === at,
  );
}

/** Keys stay out of the configuration: the notes name the variables that take them. */
function keysOf(settings: Settings, used: readonly Deployment[]): readonly string[] {
  const byPlugin = new Map<string, { readonly variable: string; readonly values: Set<string> }>();
  for (const { index, server } of used) {
    const value = settings.text('model_list', index, 'litellm_params', 'api_key');
    if (value === undefined) continue;
    const keys = byPlugin.get(server.plugin) ?? { variable: server.keyVariable, values: new Set<string>() };
    byPlugin.set(server.plugin, keys);
    keys.values.add(variableIn(value) ?? `model_list.${index}.litellm_params.api_key`);
  }
  return [...byPlugin.values()].flatMap(({ variable, values }) => keyNote(variable, [...values]));
}

function keyNote(variable: string, [first = '', ...others]: readonly string[]): readonly string[] {
  if (others.length === 0) return first === variable ? [] : [`Set ${variable} to the value of ${first}.`];
  if (variable === 'ANTHROPIC_API_KEY')
    return [
      `Set ${variable} to the value of ${first}. The plugin anthropic has one key: ${others.join(', ')} has no counterpart.`,
    ];
  return [`Set ${pluralOf(variable)} to the values of ${[first, ...others].join(', ')}, with commas between them.`];
}

/** The variable of several keys of a plugin. */
function pluralOf(variable: string): string {
  return variable.startsWith('SCRIPTORIUM_') ? variable.replace(/API_KEY$/, 'KEYS') : `${variable}S`;
}
