import type { Writable } from 'node:stream';
import type { ConfigInput } from '../config/base-schema.js';
import type { ConfigLayer } from '../config/resolve.js';
import { ConfigError } from '../core/errors/classes.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { CommandContext, PluginCommand } from '../plugin-api/command.js';
import { createPipeline } from './create-pipeline.js';
import type { LayeredOptions, PipelineOptions } from './options.js';

/** The streams and the signal of a command; by default those of the process, and a signal that never aborts. */
export interface CommandStreams {
  readonly signal?: AbortSignal | undefined;
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
}

/** A plugin's command, with the pipelines that it may open. */
export interface RunnableCommand extends Pick<PluginCommand, 'name' | 'description'> {
  /** Runs the command, disposes the pipelines that it opened, and returns its exit code. */
  run(args: readonly string[], streams?: CommandStreams): Promise<number>;
}

/** Connects a command to the plugins and the configuration of these options. */
export function runnable(command: PluginCommand, options: PipelineOptions): RunnableCommand {
  const { name, description } = command;
  return {
    name,
    description,
    run: async (args, { signal = new AbortController().signal, stdout, stderr } = {}) => {
      const { openPipeline, close } = openPipelines(name, options);
      try {
        return await command.run(args, {
          openPipeline,
          signal,
          stdout: stdout ?? process.stdout,
          stderr: stderr ?? process.stderr,
        });
      } finally {
        await close();
      }
    },
  };
}

/** Opens pipelines until it is closed, which disposes them all. */
function openPipelines(
  name: string,
  options: PipelineOptions,
): { readonly openPipeline: CommandContext['openPipeline']; readonly close: () => Promise<void> } {
  const opened: Promise<Pipeline>[] = [];
  let hasEnded = false;
  return {
    openPipeline: ({ config, defaults, interceptors = [] } = {}) => {
      if (hasEnded)
        return Promise.reject(
          new ConfigError(`The command "${name}" has ended. Open pipelines before its promise resolves.`),
        );
      const layered: LayeredOptions = {
        ...options,
        interceptors: [...(options.interceptors ?? []), ...interceptors],
        configFiles: [...layerOf(name, defaults), ...(options.configFiles ?? [])],
        added: layerOf(name, config),
      };
      const pipeline = createPipeline(layered);
      opened.push(pipeline);
      return pipeline;
    },
    close: async () => {
      hasEnded = true;
      await Promise.all(
        opened.map(async (opening) => {
          const pipeline = await opening.catch(() => undefined); // The command has had this error.
          await pipeline?.dispose();
        }),
      );
    },
  };
}

function layerOf(command: string, values: ConfigInput | undefined): readonly ConfigLayer[] {
  return values === undefined ? [] : [{ source: `the command "${command}"`, values }];
}
