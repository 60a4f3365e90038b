// Imports the entry that it is given, and prints the files of the package that are loaded with it.
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    const file = /\\/node_modules\\/scriptorium\\/(.*)/.exec(url)?.[1];
    if (file !== undefined) writeSync(1, file + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
await import(process.argv[2]);
