import { promisify } from 'node:util';
import webpack from 'webpack';

const [entry, folder] = process.argv.slice(2);
const stats = await promisify(webpack)({
  mode: 'production',
  target: 'node20',
  entry,
  output: { path: folder, filename: 'app.cjs' },
  optimization: { minimize: false },
});
if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
