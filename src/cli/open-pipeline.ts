import { createPipeline } from 'scriptorium';
import type { Pipeline, PipelineOptions } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import { cliPipelineOptions } from './cli-config.js';
import type { Demo, DemoPrompt } from './demo.js';
import { withAddressedPlugins } from './own-plugins.js';
import type { Choice } from './providers/choose-provider.js';
import { hasKey, vendorsWithKey } from './providers/has-key.js';
import { withWaysOn } from './providers/missing-key.js';
import { VENDORS } from './providers/vendors.js';
import { choiceOf, withProviders } from './providers/with-providers.js';
import { say } from './say.js';
import type { Shell } from './shell.js';

/** Options of every command that talks to a provider. */
export interface PipelineFlags {
  readonly config?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly demo?: true;
  readonly demoWithoutKey?: true;
  /** The command asks for nothing that needs a key. */
  readonly withoutKey?: true;
  readonly quiet?: true;
  /** What the command will ask for, if that is known before. */
  readonly asked?: DemoPrompt;
}

type ShellFlags = PipelineFlags & { readonly shell: Shell };

/** Whether the command uses the emulator. */
export function isDemo({ demo, demoWithoutKey, shell, ...flags }: ShellFlags): boolean {
  if (demo === true || demoWithoutKey !== true) return demo === true;
  const options = cliPipelineOptions(flags.config, shell);
  if (hasKey('openrouter', options) || vendorsWithKey(options).length > 0) return false;
  const { provider = 'openrouter' } = choiceOf(options, flags);
  return provider === 'openrouter' || VENDORS.get(provider)?.keyVariable !== undefined;
}

/** A pipeline, and the provider and model that the command is about. */
export interface Opened {
  readonly pipeline: Pipeline;
  readonly choice: Choice;
}

/** Builds the pipeline of a command, over the emulator if that is wanted, and closes both when the work is done. */
export async function withPipeline<T>(flags: ShellFlags, work: (opened: Opened) => Promise<T>): Promise<T> {
  const { shell } = flags;
  // The emulator with its book is loaded only where it is wanted.
  const demo = isDemo(flags) ? await (await import('./demo.js')).startDemo(shell) : undefined;
  if (demo !== undefined && flags.quiet !== true) say(shell.stderr, shown`${demo.heading(flags.asked)}\n`);
  try {
    const { options, choice } = await optionsOf(flags, demo);
    const pipeline = await createPipeline(options).catch((error: unknown) => {
      throw withWaysOn(error, options);
    });
    return await work({ pipeline, choice }).finally(() => pipeline.dispose());
  } finally {
    await demo?.close();
  }
}

async function optionsOf(
  flags: ShellFlags,
  demo: Demo | undefined,
): Promise<{ readonly options: PipelineOptions; readonly choice: Choice }> {
  const own = cliPipelineOptions(flags.config, flags.shell);
  const wanted = demo === undefined ? flags : { provider: 'openrouter' };
  const { options, choice } = await withProviders(own, { wanted, isKeyOptional: flags.withoutKey === true });
  const whole = await withAddressedPlugins(options);
  return { options: demo === undefined ? whole : { ...whole, config: demo.config }, choice };
}
