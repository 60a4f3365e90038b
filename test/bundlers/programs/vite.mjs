import { build } from 'vite';

const [entry, folder] = process.argv.slice(2);
await build({
  configFile: false,
  logLevel: 'error',
  ssr: { noExternal: true },
  build: {
    ssr: entry,
    outDir: folder,
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    // undici asks for it where there is one; on Node 20 there is none.
    commonjsOptions: { ignore: ['node:sqlite'] },
  },
});
