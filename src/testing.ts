/** The public test kit: an emulated server, contract suites, and fakes for the parts of a pipeline. */

export type * from './contract.js';

// Emulator
export { startEmulator } from './emulator/emulator.js';
export type { Emulator, EmulatorOptions } from './emulator/emulator.js';
export type { Books } from './emulator/books.js';
export type { VendorLimits } from './emulator/limits.js';
export type { ServiceOptions as EmulatedVendorOptions } from './emulator/options.js';
export type { EmulatedVendor, TextRequest } from './emulator/service.js';
export type { Planted, PlantedDefect } from './emulator/author/defects.js';
export type { LoggedRequest, Outcome as RequestOutcome } from './emulator/request-log.js';
export type { RefusalKind, WireError } from './emulator/errors.js';
export type { WireMessage } from './emulator/conversation.js';
export type { WireUsage } from './emulator/usage.js';

// Faults of the emulator
export type {
  AfterDeltas,
  Empty as EmptyFault,
  ErrorChunk as ErrorChunkFault,
  Fault,
  FaultExtras,
  Garbage as GarbageFault,
  HangUp as HangUpFault,
  Html as HtmlFault,
  Insertion as FaultInsertion,
  Misdeed,
  Place as FaultPlace,
  Reply as ReplyFault,
  Reset as ResetFault,
  Stall as StallFault,
  Truncate as TruncateFault,
} from './emulator/faults.js';

// Contract of an interceptor
export { describeInterceptor } from './testing/describe-interceptor.js';
export { INTERCEPTOR_PROMISES } from './testing/interceptor-contract/promises.js';
export type { InterceptorCheck } from './testing/interceptor-contract/promises.js';
export type { InterceptorContract, MakeInterceptor } from './testing/interceptor-contract/scene.js';

// Contract of a provider
export { describeProvider } from './testing/describe-provider.js';
export { PROVIDER_PROMISES } from './testing/provider-contract/promises.js';
export type { ProviderCheck } from './testing/provider-contract/promises.js';
export type {
  ProviderContract,
  ProviderDialect,
  ToldAnswer,
  ToldCall,
  WireStream,
} from './testing/provider-contract/contract.js';
export type { ProvedProvider } from './testing/provider-contract/contract.js';
export { chatDialect } from './testing/chat-dialect.js';
export { providerOf } from './testing/provider-of.js';
export type { ProvidedAlone } from './testing/provider-of.js';

// Contract of a sink
export { describeSink } from './testing/describe-sink.js';
export { SINK_PROMISES } from './testing/sink-contract/promises.js';
export type { SinkCheck } from './testing/sink-contract/promises.js';
export type { MakeSink } from './testing/sink-contract/scene.js';
export { sinkOf } from './testing/sink-of.js';

// Contract of a transport
export { describeTransport } from './testing/describe-transport.js';

// Contracts of the parts that may live elsewhere
export { describeSlots } from './testing/describe-slots.js';
export { SLOTS_PROMISES } from './testing/slots-contract/promises.js';
export type { MakeSlots, SlotsWorld } from './testing/slots-contract/promises.js';
export { describeBreakers } from './testing/describe-breakers.js';
export { BREAKERS_PROMISES } from './testing/breakers-contract/promises.js';
export type { BreakersWorld, MakeBreakers } from './testing/breakers-contract/scene.js';
export { describeRetryBudgets } from './testing/describe-retry-budgets.js';
export { RETRY_BUDGETS_PROMISES } from './testing/retry-budgets-contract/promises.js';
export type { MakeRetryBudgets, RetryBudgetsWorld } from './testing/retry-budgets-contract/promises.js';
export { describeSpending } from './testing/describe-spending.js';
export { SPENDING_PROMISES } from './testing/spending-contract/promises.js';
export type { MakeSpending } from './testing/spending-contract/scene.js';
export { describeLimitStore } from './testing/describe-limit-store.js';
export { LIMIT_STORE_PROMISES } from './testing/limit-store-contract/promises.js';
export type { LimitStoreWorld, MakeLimitStore } from './testing/limit-store-contract/promises.js';
export { describeCacheStore } from './testing/describe-cache-store.js';
export { CACHE_STORE_PROMISES } from './testing/cache-store-contract/promises.js';
export type { MakeCacheStore } from './testing/cache-store-contract/promises.js';
export { describeStateStore } from './testing/describe-state-store.js';
export { STATE_STORE_PROMISES } from './testing/state-store-contract/promises.js';
export type { MakeStateStore } from './testing/state-store-contract/promises.js';
export type { MakePort, PortCheck, PortWorld } from './testing/port-contract/scene.js';

// Simulation
export { simulate } from './testing/simulation/simulate.js';
export type { Simulated } from './testing/simulation/simulate.js';
export { SimulationError } from './testing/simulation/simulation-error.js';
export type { Ask, World, WorldOptions } from './testing/simulation/world.js';
export type { NetworkOptions } from './testing/simulation/network.js';
export type { Host, HostOptions, Serve, ServerRequest } from './testing/simulation/host.js';
export type { ProcessOptions, ProcessSetUp, SimulatedProcess, Standstill } from './testing/simulation/process.js';
export type { Owner } from './testing/simulation/timeline.js';
export type { Fate } from './testing/simulation/remote.js';
export type { WireFault } from './testing/simulation/wire-fault.js';
export type { AnswerHeaders, Ending, Exchange } from './emulator/exchange.js';
export type { PipelineOptions } from './assembly/options.js';
export type { ConfigLayer } from './config/resolve.js';

// Vendors and faults of a simulation
export { emulatedVendor } from './testing/simulation/vendor.js';
export type { SimulatedVendor, SimulatedVendorOptions } from './testing/simulation/vendor.js';
export { SIMULATED_FAULTS } from './testing/simulation/faults.js';
export type { SimulatedFault } from './testing/simulation/faults-row.js';
export type { FaultRate } from './testing/simulation/faults-drawn.js';

// Fakes and builders
export { aChatStream, FakeTransport } from './testing/fake-transport.js';
export type { FakeAnswer } from './testing/fake-transport.js';
export { ManualClock } from './testing/manual-clock.js';
export { MemorySink } from './testing/memory-sink.js';
export { aRequest } from './testing/request-builder.js';
export { checkGrammar } from './testing/grammar.js';
export type { ContributionsOptions } from './testing/contributions.js';
export { globalRunner } from './testing/test-runner.js';
export type { TestRunner } from './testing/test-runner.js';
