/** The public test kit: a server to test against, and parts that stand in for real ones. */
export { startEmulator } from './emulator/emulator.js';
export type { Emulator, EmulatorOptions } from './emulator/emulator.js';
export { describeTransport } from './testing/describe-transport.js';
export type { TestRunner } from './testing/describe-transport.js';
export { aChatStream, FakeTransport } from './testing/fake-transport.js';
export type { FakeAnswer } from './testing/fake-transport.js';
export { checkGrammar } from './testing/grammar.js';
export { ManualClock } from './testing/manual-clock.js';
export { MemorySink } from './testing/memory-sink.js';
export { aRequest } from './testing/request-builder.js';
