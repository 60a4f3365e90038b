import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const [entry, folder] = process.argv.slice(2);
const bundle = await rollup({
  input: entry,
  plugins: [
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    // undici asks for it where there is one; on Node 20 there is none.
    commonjs({ ignore: ['node:sqlite'] }),
    json(),
  ],
  logLevel: 'silent',
});
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
