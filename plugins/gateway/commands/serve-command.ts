import { once } from 'node:events';
import { shown } from 'scriptorium/plugin';
import type { CommandContext, Pipeline, PluginCommand } from 'scriptorium/plugin';
import { overPolicy } from '../access/policies/over-policy.js';
import type { ServerOptions } from '../server/server-options.js';
import { startGateway } from '../server/start-gateway.js';
import { BOOKGEN_POLICY } from './bookgen-policy.js';
import { serveArguments } from './serve-arguments.js';

/** The configured defaults of the command. */
export interface ServeCommandParts {
  readonly name: string;
  readonly options: ServerOptions;
  /** How long running answers may take after a signal, in milliseconds. */
  readonly drainMs: number;
}

/** `scriptorium serve`: the pipeline of the configuration behind HTTP, until a signal. */
export function serveCommand({ name, options, drainMs }: ServeCommandParts): PluginCommand {
  return {
    name,
    description: 'serve the pipeline over HTTP, for clients of OpenAI and OpenRouter',
    run: async (args, context) => {
      const { wantsHelp, isForBookGen, allowHosts, host, port } = serveArguments(args);
      if (wantsHelp) {
        context.stdout.write(help(name));
        return 0;
      }
      const { allowHosts: configured = [], policy = {} } = options;
      const chosen = {
        ...options,
        ...(host !== undefined && { host }),
        ...(port !== undefined && { port }),
        allowHosts: [...configured, ...allowHosts],
        policy: isForBookGen ? overPolicy(BOOKGEN_POLICY, policy) : policy,
      };
      await serve(context, { options: chosen, isForBookGen, drainMs });
      return 0;
    },
  };
}

interface Service {
  readonly options: ServerOptions;
  readonly isForBookGen: boolean;
  readonly drainMs: number;
}

async function serve(
  { openPipeline, signal, stdout, stderr }: CommandContext,
  { options, isForBookGen, drainMs }: Service,
): Promise<void> {
  const pipeline = await openPipeline({ defaults: { stateFile: STATE_FILE } });
  await loadPrices(pipeline, options.provider);
  const gateway = await startGateway(pipeline, options);
  stdout.write(shown`${gateway.url}\n`);
  stderr.write(
    isForBookGen
      ? shown`Start BookGen with OPENROUTER_BASE_URL=${gateway.url}/api/v1 NO_PROXY=${new URL(gateway.url).hostname}\n`
      : shown`The base URL of clients is ${gateway.url}/v1 for OpenAI's, ${gateway.url}/api/v1 for OpenRouter's.\n`,
  );
  if (!signal.aborted) await once(signal, 'abort');
  stderr.write(
    shown`Stopping: running answers have ${Math.round(drainMs / 1_000)} s to end. A second signal ends them at once.\n`,
  );
  await gateway.close(drainMs);
}

/** Keeps what keys have spent, and the counts of limits, when the program is started again. */
const STATE_FILE = '.scriptorium/state.json';

/** A budget of a key is a ceiling only for models whose price is known. */
async function loadPrices(pipeline: Pipeline, provider: string | undefined): Promise<void> {
  try {
    await pipeline.models({ provider });
  } catch (error) {
    pipeline.logger.warn('the prices of models are not known yet: a running text may exceed the budget of its key', {
      reason: String(error),
    });
  }
}

function help(name: string): string {
  return `Usage: scriptorium ${name} [options]

Serves the pipeline over HTTP until a signal. The first signal lets running
answers end, the second ends them.

Options:
  --host <address>     address to listen on (default: plugins.gateway.host,
                       127.0.0.1); others than loopback addresses need a key:
                       scriptorium gateway key add NAME
  -p, --port <n>       port; 0 for a free one (default: plugins.gateway.port,
                       8787)
  --for bookgen        wait, continue and keep answers as BookGen needs it
  --allow-host <name>  further name under which clients ask, such as that of a
                       reverse proxy; may be repeated
  -c, --config <path>  configuration file
  -h, --help           show this
`;
}
