/**
 * The event log: its port, the embedded adapter, and dead letters. The Kafka adapter is imported from
 * `kafka_log.ts`, by those who need it: it brings kafkajs along.
 *
 * @module
 */
export * from "./dead_letter.ts";
export * from "./dead_letter_list.ts";
export * from "./dead_letter_reader.ts";
export * from "./dead_letter_replay.ts";
export * from "./embedded_log.ts";
export * from "./event_log.ts";
export * from "./log_errors.ts";
export * from "./partitioner.ts";
export * from "./replayed_letters.ts";
export * from "./topic_report.ts";
