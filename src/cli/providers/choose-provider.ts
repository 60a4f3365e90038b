/** What the command line says. */
export interface Wanted {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

/** What the rule depends on. */
export interface Surroundings {
  /** `defaults.provider` of the configuration. */
  readonly configured?: string | undefined;
  /** There is a key of OpenRouter's. */
  readonly hasOpenRouter: boolean;
  /** The configuration loads a plugin that may add a provider. */
  readonly loadsOthers: boolean;
  /** Vendors beside OpenRouter whose key is there. */
  readonly keyed: readonly string[];
  /** The vendors beside OpenRouter: whether each is a maker of models. */
  readonly isMaker: ReadonlyMap<string, boolean>;
}

/** Where a command goes. */
export interface Choice {
  /** Undefined: the first provider that the configuration loads, or none at all. */
  readonly provider?: string | undefined;
  /** As the provider knows it. */
  readonly model?: string | undefined;
  /** Why, where the user may not expect it. */
  readonly because?: string;
}

/**
 * Chooses the provider of a command, and takes its name off the model's. See docs/decisions/0033-provider-of-a-command.md.
 * @example
 * chooseProvider({ model: 'ollama/llama3.2' }, surroundings) // { provider: 'ollama', model: 'llama3.2' }
 */
export function chooseProvider({ provider, model }: Wanted, surroundings: Surroundings): Choice {
  if (provider !== undefined) return { provider, model: ownName(provider, model, surroundings) };
  return (model === undefined ? undefined : named(model, surroundings)) ?? { ...usual(surroundings), model };
}

/** A maker's own ids have no slash, so its name before one is what the user means by it. */
function ownName(provider: string, model: string | undefined, { isMaker }: Surroundings): string | undefined {
  const isNamed = isMaker.get(provider) === true && model?.startsWith(`${provider}/`) === true;
  return isNamed ? model.slice(provider.length + 1) : model;
}

/** The provider that the model's name begins with. */
function named(model: string, surroundings: Surroundings): Choice | undefined {
  const slash = model.indexOf('/');
  const [name, rest] = [model.slice(0, slash), model.slice(slash + 1)];
  // `openrouter/auto` is an id of OpenRouter's own.
  if (name === 'openrouter') return { provider: name, model: rest.includes('/') ? rest : model };
  const isMaker = surroundings.isMaker.get(name);
  if (slash < 1 || rest === '' || isMaker === undefined) return undefined;
  const server = isMaker ? serverOfMany(surroundings) : undefined;
  if (server === undefined) return { provider: name, model: rest };
  const isAmbiguous = surroundings.keyed.includes(name) && server !== surroundings.configured;
  return {
    provider: server,
    model,
    ...(isAmbiguous && { because: `asking ${server}, which has this id, too; --provider ${name} asks ${name} itself` }),
  };
}

/** The provider in use if it serves models of many makers. Their names belong to its ids. */
function serverOfMany({ configured, hasOpenRouter, isMaker }: Surroundings): string | undefined {
  if (configured !== undefined) return isMaker.get(configured) === true ? undefined : configured;
  return hasOpenRouter ? 'openrouter' : undefined;
}

/** The provider of a command that names none. */
function usual({ configured, hasOpenRouter, loadsOthers, keyed }: Surroundings): Choice {
  if (configured !== undefined) return { provider: configured };
  if (hasOpenRouter) return { provider: 'openrouter' };
  const [only, ...others] = loadsOthers ? [] : keyed;
  return only === undefined || others.length > 0
    ? {}
    : { provider: only, because: `asking ${only}, whose key is the only one` };
}
