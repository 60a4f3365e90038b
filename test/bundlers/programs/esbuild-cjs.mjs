import { build } from 'esbuild';

const [entry, folder] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile: `${folder}/app.cjs`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
});
