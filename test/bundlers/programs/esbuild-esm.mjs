import { build } from 'esbuild';

const [entry, folder] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile: `${folder}/app.mjs`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'error',
  // Libraries in CommonJS call require() for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
