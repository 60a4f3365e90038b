#!/usr/bin/env node
import { exitOnClosedPipe } from './closed-pipe.js';
import { runProgram } from './program.js';

exitOnClosedPipe();
await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  folder: process.cwd(),
  signals: process,
  exitWith: (exitCode) => {
    process.exitCode = exitCode;
  },
});
