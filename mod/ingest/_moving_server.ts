import { discoverServer, ServerError, type ServerInfo } from "../mastodon/server.ts";
import type { Follow } from "../mastodon/stream_end.ts";

/** A server that may stream elsewhere while it is followed. */
export interface MovingServer extends Omit<ServerInfo, "streamingUrl"> {
  streamingUrl: string;
}

/** Follows a stream; where no connection opens, the server is asked whether it streams elsewhere. */
export function followMoving(
  server: MovingServer,
  { follow, signal, onMoved }: {
    follow: Follow;
    signal: AbortSignal;
    onMoved: () => void;
  },
): Follow {
  return async (options) => {
    const end = await follow(options);
    // A refused token and too many requests are no question of the address.
    const mayHaveMoved = !end.opened && end.status !== 401 && end.status !== 429;
    if (mayHaveMoved && !signal.aborted && await hasMoved(server, signal)) onMoved();
    return end;
  };
}

async function hasMoved(server: MovingServer, signal: AbortSignal): Promise<boolean> {
  try {
    const found = await discoverServer(server.baseUrl, { signal });
    if (found.instance !== server.instance || found.streamingUrl === server.streamingUrl) {
      return false;
    }
    server.streamingUrl = found.streamingUrl;
    return true;
  } catch (error) {
    // It is asked again when the next connection does not open.
    if (!(error instanceof ServerError)) throw error;
    return false;
  }
}
