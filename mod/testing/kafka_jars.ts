import { cacheDir } from "./_cache_dir.ts";
import { runTool } from "./_run_tool.ts";
import { removeDir } from "./temp_dir.ts";

const POM = new URL("./kafka/pom.xml", import.meta.url);

/**
 * Finds which Kafka a Maven project file asks for.
 *
 * @throws {Error} if it asks for none.
 *
 * @example
 * ```ts
 * import { kafkaVersion } from "./kafka_jars.ts";
 * const pom = "<artifactId>kafka_2.13</artifactId> <version>4.4.0</version>";
 * if (kafkaVersion(pom) !== "4.4.0") throw new Error("Unexpected version");
 * ```
 */
export function kafkaVersion(pom: string): string {
  const version = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([\w.-]+)<\/version>/.exec(pom)
    ?.[1];
  if (version === undefined) {
    throw new Error("Cannot find the version of kafka_2.13 in mod/testing/kafka/pom.xml");
  }
  return version;
}

/**
 * Gives the folder with the jars of a Kafka broker, fetched through Maven on the first call and kept
 * in the user's cache folder. Several processes may call this at once: one fetches, the rest wait.
 *
 * @throws {Error} if Maven is missing or cannot fetch them.
 *
 * @example
 * ```ts
 * import { kafkaJars } from "./kafka_jars.ts";
 * async function example() {
 *   const folder: string = await kafkaJars();
 *   return folder;
 * }
 * ```
 */
export async function kafkaJars(): Promise<string> {
  const version = kafkaVersion(await Deno.readTextFile(POM));
  const dir = `${await cacheDir((name) => Deno.env.get(name))}/kafka-${version}`;
  if (await exists(dir)) return dir;
  using lock = await Deno.open(`${dir}.lock`, { create: true, write: true });
  await lock.lock(true);
  // Another process may have fetched them while this one waited for the lock.
  if (await exists(dir)) return dir;
  const partial = `${dir}.partial`;
  await removeDir(partial);
  await fetchJars(partial);
  await Deno.rename(partial, dir);
  return dir;
}

async function fetchJars(dir: string): Promise<void> {
  const args = ["-q", "-B", "-f", decodeURIComponent(POM.pathname)];
  args.push("dependency:copy-dependencies", `-DoutputDirectory=${dir}`);
  await runTool(["mvn", ...args], { purpose: "fetch Kafka through Maven" });
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
