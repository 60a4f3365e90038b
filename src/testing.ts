/** The public test kit: a server to test against, and parts that stand in for real ones. */
export { startEmulator } from './emulator/emulator.js';
export type { Emulator, EmulatorOptions } from './emulator/emulator.js';
export { chatDialect } from './testing/chat-dialect.js';
export { describeInterceptor } from './testing/describe-interceptor.js';
export { describeProvider } from './testing/describe-provider.js';
export { describeSink } from './testing/describe-sink.js';
export { describeTransport } from './testing/describe-transport.js';
export { aChatStream, FakeTransport } from './testing/fake-transport.js';
export type { FakeAnswer } from './testing/fake-transport.js';
export { checkGrammar } from './testing/grammar.js';
export { INTERCEPTOR_PROMISES } from './testing/interceptor-contract/promises.js';
export type { InterceptorCheck } from './testing/interceptor-contract/promises.js';
export type { MakeInterceptor } from './testing/interceptor-contract/scene.js';
export { ManualClock } from './testing/manual-clock.js';
export { MemorySink } from './testing/memory-sink.js';
export type {
  ProviderContract,
  ProviderDialect,
  ToldAnswer,
  ToldCall,
  WireStream,
} from './testing/provider-contract/contract.js';
export { PROVIDER_PROMISES } from './testing/provider-contract/promises.js';
export type { ProviderCheck } from './testing/provider-contract/promises.js';
export { providerOf } from './testing/provider-of.js';
export type { ProvidedAlone } from './testing/provider-of.js';
export type { ProvedProvider } from './testing/provider-contract/contract.js';
export { sinkOf } from './testing/sink-of.js';
export type { ContributionsOptions } from './testing/contributions.js';
export { aRequest } from './testing/request-builder.js';
export { SINK_PROMISES } from './testing/sink-contract/promises.js';
export type { SinkCheck } from './testing/sink-contract/promises.js';
export type { MakeSink } from './testing/sink-contract/scene.js';
export type { TestRunner } from './testing/test-runner.js';
