/**
 * Streams that a client may subscribe to, and which frames each of them carries.
 *
 * @module
 */
import type { PlayedStatus, SimulatorFrame } from "./frames.ts";

/** Lists by id: the ids of the accounts in each. */
export type Lists = ReadonlyMap<string, ReadonlySet<string>>;

export interface Subscription {
  /** As in a frame's `stream`. */
  readonly stream: readonly string[];
  carries(frame: SimulatorFrame): boolean;
}

export interface Refusal {
  readonly error: string;
  readonly status: number;
}

/** Makes a subscription of a stream's name and parameters, or says why not, as Mastodon does. */
export function subscribe(
  request: { readonly stream: string; readonly tag: string | null; readonly list: string | null },
  lists: Lists,
): Subscription | Refusal {
  const { stream, tag, list } = request;
  switch (stream) {
    case "public":
      return filter([stream], () => true);
    case "public:local":
      return filter([stream], ({ account }) => !account.acct.includes("@"));
    case "public:remote":
      return filter([stream], ({ account }) => account.acct.includes("@"));
    case "public:media":
      return filter([stream], ({ media_attachments }) => media_attachments.length > 0);
    case "hashtag":
    case "hashtag:local": {
      if (tag === null || tag === "") return { error: "Missing tag name parameter", status: 400 };
      const name = tag.toLowerCase();
      // The tag comes back as it was asked for.
      return filter([stream, tag], (status) =>
        status.tags.some((one) => one.name === name) &&
        (stream === "hashtag" || !status.account.acct.includes("@")));
    }
    case "list": {
      const members = list === null ? undefined : lists.get(list);
      if (list === null) return { error: "Missing list name parameter", status: 400 };
      if (members === undefined) {
        return { error: "Not authorized to stream this list", status: 401 };
      }
      return filter([stream, list], ({ account }) => members.has(account.id));
    }
    default:
      return { error: "Unknown stream type", status: 400 };
  }
}

/** Everything that is no readable status goes everywhere: deletes are never filtered. */
function filter(
  stream: readonly string[],
  wanted: (status: PlayedStatus) => boolean,
): Subscription {
  return { stream, carries: ({ status }) => status === undefined || wanted(status) };
}

/** The stream that a path of the SSE interface names, such as `public/local`. */
export function streamOfPath(path: string, params: URLSearchParams): string | null {
  const rest = path.replace(/^\/api\/v1\/streaming\/?/, "").replace(/\/$/, "");
  if (rest === "") return params.get("stream");
  if (rest === "public" && params.get("only_media") === "true") return "public:media";
  return rest.replaceAll("/", ":");
}
