/**
 * Plays a recorded file: one Status entity as JSON a line, each sent as an `update`, in the file's
 * order. Blank and broken lines go out as they are, as the payload of an `update`.
 *
 * @module
 */
import type { PlayedStatus, SimulatorFrame, SimulatorSource } from "./frames.ts";
import { isRecord, parseJson } from "./_guard.ts";

/**
 * A source that reads a JSONL file as it plays. The file is opened when the frames are asked for.
 *
 * @throws {Deno.errors.NotFound} From the iteration, if there is no such file.
 * @example
 * ```ts
 * import { replaySource } from "./replay.ts";
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "not a status\n");
 * const frames = await Array.fromAsync(replaySource(path).frames());
 * if (frames[0]?.payload !== "not a status") throw new Error("expected the line");
 * await Deno.remove(path);
 * ```
 */
export function replaySource(path: string): SimulatorSource {
  return { label: `replay of ${path}`, frames: () => readFrames(path) };
}

async function* readFrames(path: string): AsyncGenerator<SimulatorFrame> {
  let index = 0;
  let at = 0;
  for await (const line of readLines(path)) {
    const value = parseJson(line);
    const created = isRecord(value) && typeof value["created_at"] === "string"
      ? Date.parse(value["created_at"])
      : NaN;
    if (created > at) at = created;
    const status = playedStatus(value);
    yield {
      index: index++,
      at,
      kind: "replayed_line",
      event: "update",
      payload: line,
      statusId: status?.id ?? null,
      ...(status === null ? {} : { status }),
    };
  }
}

/** Lines without their ends; what follows the last line end is a line unless it is empty. */
async function* readLines(path: string): AsyncGenerator<string> {
  using file = await Deno.open(path, { read: true });
  let rest = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const size = await file.read(buffer);
    rest += size === null ? decoder.decode() : decoder.decode(buffer.subarray(0, size), STREAM);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
    if (size === null) break;
  }
  if (rest !== "") yield rest;
}

const STREAM = { stream: true };

/** The parts of a status that the server needs, or `null` if the value is not usable as one. */
function playedStatus(value: unknown): PlayedStatus | null {
  if (!isRecord(value)) return null;
  const { id, visibility, edited_at, account, tags, media_attachments, reblog } = value;
  if (typeof id !== "string" || !/^\d{1,19}$/.test(id) || typeof visibility !== "string") {
    return null;
  }
  if (!isRecord(account) || typeof account["id"] !== "string") return null;
  const names = Array.isArray(tags) ? tags.filter(isRecord).map((tag) => tag["name"]) : [];
  return {
    id,
    visibility,
    edited_at: typeof edited_at === "string" ? edited_at : null,
    account: {
      id: account["id"],
      acct: typeof account["acct"] === "string" ? account["acct"] : "",
    },
    tags: names.filter((name) => typeof name === "string").map((name) => ({ name })),
    media_attachments: Array.isArray(media_attachments) ? media_attachments : [],
    reblog: isRecord(reblog) ? reblog : null,
  };
}
