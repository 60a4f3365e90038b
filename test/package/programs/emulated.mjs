// Runs a program of the documentation against an emulator.
import { startEmulator } from 'scriptorium/testing';

const emulator = await startEmulator();
Object.assign(process.env, {
  OPENROUTER_BASE_URL: emulator.url,
  OPENROUTER_API_KEY: 'k',
  OPENROUTER_MODEL: 'scriptorium/exact',
  SCRIPTORIUM_LOGGING_LEVEL: 'silent',
});
await import(process.argv[2]);
await emulator.close();
