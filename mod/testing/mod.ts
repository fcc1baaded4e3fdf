/**
 * Real servers, child processes and temporary things for integration tests, fault tests and benches.
 *
 * @module
 */
export * from "./free_port.ts";
export * from "./kafka.ts";
export * from "./kafka_jars.ts";
export * from "./postgres.ts";
export * from "./process.ts";
export * from "./process_cpu.ts";
export * from "./process_memory.ts";
export * from "./task_command.ts";
export * from "./temp_dir.ts";
export * from "./wait_until.ts";
