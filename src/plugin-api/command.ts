/** A command that a plugin adds to the `scriptorium` program. */
export interface PluginCommand {
  /** `scriptorium <name> …` */
  readonly name: string;
  /** One line for the help. */
  readonly description: string;
  /** @param args what follows the name on the command line. Gives the exit code. */
  run(args: readonly string[]): Promise<number>;
}
