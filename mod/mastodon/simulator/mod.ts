/**
 * A Mastodon server for one machine: plays a generated or recorded stream through the real
 * protocol and keeps books of what it sent.
 *
 * @module
 */
export type { Fault, FaultStep } from "./faults.ts";
export type { FrameKind, PlayedStatus, SimulatorFrame, SimulatorSource } from "./frames.ts";
export { type GeneratorSource, generatorSource } from "./generator.ts";
export { Ledger } from "./ledger.ts";
export type {
  ExpectedToot,
  FiredFault,
  LedgerCounts,
  LedgerOptions,
  MalformedReason,
} from "./ledger_types.ts";
export {
  DEFAULT_RATES,
  type GeneratorOptions,
  type GeneratorRates,
  resolveOptions,
} from "./options.ts";
export type { Pace } from "./pace.ts";
export { replaySource } from "./replay.ts";
export { DEFAULT_TOKEN, type Simulator, type SimulatorOptions, startSimulator } from "./server.ts";
