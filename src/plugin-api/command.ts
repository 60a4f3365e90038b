import type { Writable } from 'node:stream';
import type { ConfigInput } from '../config/base-schema.js';
import type { InterceptorClass, InterceptorDefinition } from '../core/interceptor.js';
import type { Pipeline } from '../pipeline/pipeline.js';

/**
 * A command that a plugin adds to the `scriptorium` program.
 * @see docs/plugins.md
 */
export interface PluginCommand {
  /** Name on the command line: `scriptorium <name> …` */
  readonly name: string;
  /** One line for the help. */
  readonly description: string;
  /**
   * Runs the command and returns its exit code. If it throws an `AbortError` after the signal was aborted, the program
   * ends with 130 (SIGINT) or 143 (SIGTERM).
   * @param args the arguments after the name
   * @example
   * ```ts
   * run: async ([prompt], { openPipeline, signal, stdout }) => {
   *   const pipeline = await openPipeline();
   *   const { text } = await pipeline.generate({ prompt, signal });
   *   stdout.write(`${text}\n`);
   *   return 0;
   * }
   * ```
   */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/**
 * The context of a running command.
 * @see docs/plugins.md
 */
export interface CommandContext {
  /**
   * Builds a pipeline from the plugins and the configuration of this run. It is disposed when the command ends.
   * @throws ConfigError if the configuration is invalid, a required key is missing, or the command has ended
   */
  readonly openPipeline: (options?: OpenPipelineOptions) => Promise<Pipeline>;
  /** Aborted on SIGINT and SIGTERM. A second signal ends the program at once. */
  readonly signal: AbortSignal;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** The additions of a command to the pipeline of its run. */
export interface OpenPipelineOptions {
  /** The strongest layer of the configuration, such as the options of the command line. */
  readonly config?: ConfigInput | undefined;
  /** The weakest layer, below files and the environment, for what the command needs and the schemas leave out. */
  readonly defaults?: ConfigInput | undefined;
  readonly interceptors?: readonly (InterceptorDefinition | InterceptorClass)[] | undefined;
}
