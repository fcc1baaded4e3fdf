/**
 * What `deno task topics` says.
 *
 * @module
 */
import type { TopicSpec, TopicStatus } from "./event_log.ts";

/**
 * One line for each topic, and one for each way in which it falls short of what was asked for.
 *
 * @example
 * ```ts
 * import { topicLines } from "./topic_report.ts";
 * const spec = { name: "mastodon_stream", partitions: 4 };
 * const lines = topicLines([spec], [{ name: "mastodon_stream", partitions: 2, created: false }]);
 * if (lines.length !== 2 || !lines[1]?.includes("fewer")) throw new Error();
 * ```
 */
export function topicLines(
  specs: readonly TopicSpec[],
  statuses: readonly TopicStatus[],
): string[] {
  return statuses.flatMap((status) => {
    const spec = specs.find(({ name }) => name === status.name);
    return [stateLine(status), ...(spec === undefined ? [] : shortcomings(status, spec))];
  });
}

function stateLine({ name, partitions, created }: TopicStatus): string {
  const count = `${partitions} ${partitions === 1 ? "partition" : "partitions"}`;
  return created ? `Created topic "${name}" with ${count}` : `Topic "${name}" has ${count}`;
}

function shortcomings(status: TopicStatus, spec: TopicSpec): string[] {
  const { name, partitions, maxMessageBytes } = status;
  const lines: string[] = [];
  if (partitions < spec.partitions) {
    lines.push(
      `Topic "${name}" has fewer partitions than the ${spec.partitions} asked for: add some with ` +
        `kafka-topics.sh --alter --topic ${name} --partitions ${spec.partitions}`,
    );
  }
  if (partitions > spec.partitions) {
    lines.push(
      `Topic "${name}" has more partitions than the ${spec.partitions} asked for: all are used`,
    );
  }
  if (maxMessageBytes !== undefined && maxMessageBytes < (spec.maxMessageBytes ?? 0)) {
    lines.push(
      `Topic "${name}" takes records of up to ${maxMessageBytes} bytes, too little for the ` +
        `largest: raise its max.message.bytes to ${spec.maxMessageBytes} with kafka-configs.sh`,
    );
  }
  return lines;
}
