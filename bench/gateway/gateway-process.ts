import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The gateway's process at one moment. */
export interface Measure {
  /** After a collection. */
  readonly heapMb: number;
  /** Of the process, after a collection. */
  readonly rssMb: number;
  /** Of the process since its start, without the collections of these measurements. */
  readonly cpuMs: number;
}

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly keys: readonly string[];
  measure(): Promise<Measure>;
  stop(): void;
}

/** Options of the process. */
export interface GatewaySettings {
  /** The vendor's base URL. */
  readonly vendor: string;
  /** The number of keys, each with a policy of its own; 0: no request needs one. */
  readonly keys: number;
  /** By default node-fetch. */
  readonly transport?: string;
}

export async function startGatewayProcess(settings: GatewaySettings): Promise<GatewayProcess> {
  const program = fileURLToPath(new URL('./gateway-program.js', import.meta.url));
  const child = fork(program, [JSON.stringify(settings)], { execArgv: ['--expose-gc'] });
  const ended = once(child, 'exit').then(([code]: unknown[]): never => {
    throw new Error(`The gateway ended with exit code ${String(code)}.`);
  });
  ended.catch(() => undefined);
  const [{ url, keys }] = (await Promise.race([once(child, 'message'), ended])) as [
    Pick<GatewayProcess, 'url' | 'keys'>,
  ];
  return {
    url,
    keys,
    measure: async () => {
      child.send('measure');
      const [measure] = (await Promise.race([once(child, 'message'), ended])) as [Measure];
      return measure;
    },
    stop: () => child.disconnect(),
  };
}
