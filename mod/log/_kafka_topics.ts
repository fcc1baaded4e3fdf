import { type Admin, ConfigResourceTypes, type ITopicConfig, type Kafka } from "kafkajs";
import { brokerErrorType, isPermanent } from "./_kafka_failure.ts";
import { settledWithin } from "../async/waiting.ts";
import type { OffsetRange, TopicSpec, TopicStatus } from "./event_log.ts";
import { LogUnreachableError } from "./log_errors.ts";

/** What the making of topics works with. */
export interface TopicsOptions {
  readonly client: () => Kafka;
  readonly offsets: (topic: string) => Promise<ReadonlyMap<number, OffsetRange>>;
  readonly unreachable: (error: unknown) => LogUnreachableError;
}

const CLOSE_MS = 2000;

/** See {@linkcode EventLog.createTopics}. */
export async function createKafkaTopics(
  specs: readonly TopicSpec[],
  { client, offsets, unreachable }: TopicsOptions,
): Promise<TopicStatus[]> {
  const admin = client().admin();
  try {
    await admin.connect();
    const statuses: TopicStatus[] = [];
    for (const { name, partitions, maxMessageBytes } of specs) {
      const created = await create(admin, { name, partitions, maxMessageBytes });
      const limit = await messageLimit(admin, name);
      statuses.push({
        name,
        partitions: (await offsets(name)).size,
        created,
        ...(limit === null ? {} : { maxMessageBytes: limit }),
      });
    }
    return statuses;
  } catch (error) {
    throw unreachable(error);
  } finally {
    await settledWithin(admin.disconnect(), CLOSE_MS);
  }
}

async function create(
  admin: Admin,
  { name, partitions, maxMessageBytes }: {
    name: string;
    partitions: number;
    maxMessageBytes: number | undefined;
  },
): Promise<boolean> {
  const topic: ITopicConfig = { topic: name, numPartitions: partitions };
  if (maxMessageBytes !== undefined) {
    topic.configEntries = [{ name: "max.message.bytes", value: String(maxMessageBytes) }];
  }
  try {
    return await admin.createTopics({ topics: [topic] });
  } catch (error) {
    // kafkajs collects what is wrong with each topic; there is one.
    const why: unknown = error instanceof Error && "errors" in error && Array.isArray(error.errors)
      ? error.errors[0]
      : error;
    if (isPermanent(why) || !(why instanceof Error) || brokerErrorType(why) === null) throw why;
    throw new LogUnreachableError(
      `Kafka refuses to create topic "${name}" with ${partitions} partitions (${why.message}): ` +
        "create it by hand",
    );
  }
}

/** The largest record that a topic takes; null if we may not know. */
async function messageLimit(
  admin: Admin,
  topic: string,
): Promise<number | null> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configNames: ["max.message.bytes"],
      }],
    });
    const value = Number(resources[0]?.configEntries[0]?.configValue);
    return Number.isSafeInteger(value) ? value : null;
  } catch {
    return null;
  }
}
