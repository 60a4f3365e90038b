import type { PipelineOptions } from 'scriptorium';
import { VENDORS } from './providers/vendors.js';

type Plugin = NonNullable<PipelineOptions['plugins']>[number];

/** The plugins of the package that are no providers. */
const NAMES = [
  'book',
  'bullmq',
  'cassette',
  'gateway',
  'jsonl',
  'ledger',
  'openrouter',
  'opentelemetry',
  'prometheus',
  'redis',
  'runs',
  'undici',
] as const;

/** Every plugin of the package, each provider by its own id, but for those with these ids. */
export async function packagePlugins(but: ReadonlySet<string>): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = [];
  for (const name of NAMES.filter((each) => !but.has(each))) {
    const { default: make } = (await import(`scriptorium/plugins/${name}`)) as { readonly default: () => Plugin };
    plugins.push(make());
  }
  for (const [id, vendor] of VENDORS) if (!but.has(id)) plugins.push(await vendor.load());
  return plugins;
}
