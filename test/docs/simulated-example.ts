import { readFileSync } from 'node:fs';
import * as scriptorium from 'scriptorium';
import type {
  DependencyContainer,
  GenerationRequest,
  InterceptorDefinition,
  Pipeline,
  PipelineOptions,
} from 'scriptorium';
import * as testing from 'scriptorium/testing';
import { emulatedVendor, simulate } from 'scriptorium/testing';
import type { Host, SimulatedProcess, SimulatedVendor, SimulatedVendorOptions, World } from 'scriptorium/testing';
import ts from 'typescript';
import { Coverage } from '../simulation/coverage.js';
import { Oracle } from '../simulation/oracle.js';
import type { Observed, Witness } from '../simulation/oracle.js';

/** The world in which an example runs. */
export interface ExampleWorld {
  readonly seed: number;
  readonly vendor?: SimulatedVendorOptions;
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs beside the example. */
  readonly meanwhile?: (world: World, vendor: SimulatedVendor) => void;
  /** What the example's interceptors make of a whole text. */
  readonly shownAs?: (text: string) => string;
  /** The vendor cannot say what it would answer, as to a request for an object. */
  readonly isTextUnknown?: boolean;
}

/** What became of an example. */
export interface ExampleRun {
  readonly printed: string;
  /** What the program threw. */
  readonly error?: unknown;
}

type Program = (load: (name: string) => unknown, exports: object, surroundings: Surroundings) => Promise<void>;

interface Surroundings {
  readonly console: { log(line: unknown): void };
  readonly process: { readonly env: NodeJS.ProcessEnv; readonly stdout: { write(piece: unknown): boolean } };
}

/** What is under way to a store when a pipeline is closed arrives. */
const LONGEST_TRIP_MS = 10_000;

/** The proofs take real time and have tests of their own. */
const PROVED_ELSEWHERE = { ...testing, INTERCEPTOR_PROMISES: {}, SINK_PROMISES: {} };

/**
 * Runs an example of the docs, which is a program, in a world: its pipelines are processes there, whose generations the
 * oracle checks against the vendor's texts and books.
 */
export async function simulatedExample(example: string, options: ExampleWorld): Promise<ExampleRun> {
  const { program, modules } = await compiled(example);
  const { value } = await simulate({ seed: `${example} ${options.seed}` }, (world) =>
    runIn(world, options, (surroundings, createPipeline) => {
      const load = (name: string): unknown =>
        name === 'scriptorium' ? { ...scriptorium, createPipeline } : inWorld(world, name, modules.get(name));
      return program(load, {}, surroundings);
    }),
  );
  return value;
}

/** Runs an example to its pipeline, and gives the first interceptor in it: a new one at each call. */
export async function interceptorOf(example: string): Promise<InterceptorDefinition> {
  const { program, modules } = await compiled(example);
  return new Promise((resolve, reject) => {
    const createPipeline = ({ interceptors: [first] = [], container }: PipelineOptions): Promise<never> => {
      if (first === undefined) reject(new Error(`${example} has no interceptor.`));
      else resolve(typeof first === 'function' ? (container as DependencyContainer).resolve(first) : first);
      return new Promise(() => undefined);
    };
    const load = (name: string): unknown =>
      name === 'scriptorium' ? { ...scriptorium, createPipeline } : modules.get(name);
    program(load, {}, { console, process }).catch(reject);
  });
}

/** An example as a function: its imports become calls of `load`, so that they can be those of a world. */
async function compiled(example: string): Promise<{ program: Program; modules: ReadonlyMap<string, unknown> }> {
  const source = readFileSync(`docs/examples/${example}`, 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  const body = `const { console, process } = surroundings; return (async () => { ${outputText} })();`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a page's own program, in the realm of this test
  const program = new Function('require', 'exports', 'surroundings', body) as Program;
  const modules = new Map<string, unknown>();
  for (const [, name = ''] of outputText.matchAll(/require\("([^"]+)"\)/g)) modules.set(name, await import(name));
  modules.set('scriptorium/testing', PROVED_ELSEWHERE);
  return { program, modules };
}

/** Files need the machine: time stands still meanwhile. */
function inWorld(world: World, name: string, module: unknown): unknown {
  if (name !== 'node:fs/promises') return module;
  return Object.fromEntries(
    Object.entries(module as Record<string, unknown>).map(([key, value]) => [
      key,
      typeof value === 'function'
        ? (...given: unknown[]) => world.real(() => Reflect.apply(value, module, given) as Promise<unknown>)
        : value,
    ]),
  );
}

type CreatePipeline = (options: PipelineOptions) => Promise<Pipeline>;

async function runIn(
  world: World,
  { vendor: vendorOptions, environment = {}, meanwhile, shownAs = (text) => text, isTextUnknown = false }: ExampleWorld,
  run: (surroundings: Surroundings, createPipeline: CreatePipeline) => Promise<void>,
): Promise<ExampleRun> {
  const vendor = emulatedVendor(world, { words: 60, ...vendorOptions });
  const anthropic = refusing(world);
  const witness: Witness = {
    requests: vendor.requests,
    textFor: (request) => (isTextUnknown ? undefined : shownAs(vendor.textFor(request))),
  };
  const oracle = new Oracle(world, new Coverage(), [witness]);
  const env = { ...environmentOf(vendor, anthropic), ...environment };
  const processes: SimulatedProcess[] = [];
  const createPipeline: CreatePipeline = async ({ plugins = [], interceptors = [], ...options }) => {
    const watching = new Watching(oracle);
    const process = await world.process(`example-${processes.length + 1}`, {
      environment: env,
      ...options,
      plugins: [...plugins, oracle.plugin()],
      interceptors: [watching.interceptor, ...interceptors],
    });
    processes.push(process);
    watching.follow(process.pipeline);
    return process.pipeline;
  };
  const lines: string[] = [];
  const surroundings: Surroundings = {
    console: { log: (line) => void lines.push(String(line)) },
    process: { env, stdout: { write: (piece) => lines.push(String(piece)) > 0 } },
  };
  meanwhile?.(world, vendor);
  const error = await run(surroundings, createPipeline).then(
    () => undefined,
    (reason: unknown) => reason ?? 'undefined',
  );
  await closed(world, processes);
  oracle.close();
  return { printed: lines.join('\n'), error };
}

/** The vendor that another one stands in for. */
function refusing(world: World): Host {
  return world.host('anthropic.test', (_, exchange) => {
    exchange.open(529, { 'content-type': 'application/json' });
    return exchange.end('{ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }');
  });
}

function environmentOf({ url }: SimulatedVendor, anthropic: Host): NodeJS.ProcessEnv {
  return {
    OPENROUTER_BASE_URL: url,
    OPENROUTER_API_KEY: 'k',
    OPENROUTER_MODEL: 'scriptorium/exact',
    VLLM_BASE_URL: url,
    GROQ_BASE_URL: url,
    GROQ_API_KEY: 'k',
    ANTHROPIC_API_KEY: 'k',
    ANTHROPIC_BASE_URL: anthropic.url,
  };
}

/** After the example, its pipelines have left nothing. */
async function closed(world: World, processes: readonly SimulatedProcess[]): Promise<void> {
  for (const process of processes) await process.stop();
  await world.sleep(LONGEST_TRIP_MS);
  for (const { name, timers, connections, leases } of processes)
    world.check(
      timers + connections + leases === 0,
      `${name} has left ${timers} timers, ${connections} connections and ${leases} leases.`,
    );
}

/** Lets the oracle see every generation of a pipeline as its reader does. */
class Watching {
  private readonly seen = new Map<string, Observed>();

  constructor(private readonly oracle: Oracle) {}

  readonly interceptor: InterceptorDefinition = {
    name: 'watching',
    phase: 'observe',
    intercept: (request, next) => {
      this.seen.set(request.id, this.oracle.begins(request.id, inputOf(request)));
      return next(request);
    },
  };

  follow(pipeline: Pipeline): void {
    pipeline.generations$.subscribe(({ id, event }) => {
      const seen = this.seen.get(id) ?? this.oracle.begins(id, {});
      this.seen.set(id, seen);
      if (event.type === 'generation-failed') this.oracle.fails(seen, event.error);
      else if (event.type === 'generation-cancelled') this.oracle.cancelled(seen);
      else this.oracle.takes(seen, event);
      if (event.type === 'generation-end') this.oracle.succeeds(seen);
    });
  }
}

function inputOf({ model, messages }: GenerationRequest): { readonly model: string; readonly prompt?: string } {
  const [first, ...more] = messages;
  return more.length === 0 && typeof first?.content === 'string' ? { model, prompt: first.content } : { model };
}
