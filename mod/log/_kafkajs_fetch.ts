import type { ISocketFactory } from "kafkajs";
import Connection from "kafkajs/src/network/connection.js";
import net from "node:net";
import tls from "node:tls";
import { MisreadError } from "./_byte_reader.ts";
import { decodeFetch } from "./_fetch_decoder.ts";

const FETCH = 1;
const FETCH_VERSION = 11;
/** How long a silent connection may be before the system asks whether it lives, in ms. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Connects as kafkajs does, without waiting to fill packets: a small request waits for nothing. It
 * also tells our connections from others in the process.
 */
export const kafkaSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // kafkajs leaves ssl out for plain connections, whatever its typings say.
  const options: tls.ConnectionOptions | undefined = ssl;
  const named = net.isIP(host) === 0 ? { servername: host } : {};
  const socket = options === undefined || options === null
    ? net.connect({ host, port }, onConnect)
    : tls.connect({ host, port, ...named, ...options }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};

/**
 * Decodes what our connections fetch by {@linkcode decodeFetch}: kafkajs makes six objects, four
 * big integers and two texts of each record. What that cannot read (compressed batches, errors)
 * still goes through kafkajs.
 */
export function decodeFetchesFast(): void {
  const prototype: unknown = Connection?.prototype;
  if (!isConnectionPrototype(prototype) || patched.has(prototype)) return;
  patched.add(prototype);
  const send = prototype.send;
  prototype.send = function (this: SomeConnection, call: ProtocolCall) {
    const { request, response } = call;
    const isOurs = this.socketFactory === kafkaSocket && request.apiKey === FETCH &&
      request.apiVersion === FETCH_VERSION;
    if (!isOurs) return send.call(this, call);
    return send.call(this, { ...call, response: { ...response, decode: fastOr(response.decode) } });
  };
}

const patched = new WeakSet<object>();

function fastOr(decode: ProtocolCall["response"]["decode"]) {
  return async (bytes: Uint8Array): Promise<unknown> => {
    try {
      return decodeFetch(bytes);
    } catch (error) {
      if (!(error instanceof MisreadError) && !(error instanceof RangeError)) throw error;
      return await decode(bytes);
    }
  };
}

interface SomeConnection {
  readonly socketFactory: unknown;
}

interface ProtocolCall {
  readonly request: { readonly apiKey: number; readonly apiVersion: number };
  readonly response: {
    decode(bytes: Uint8Array): Promise<unknown>;
    parse(data: unknown): Promise<unknown>;
  };
}

interface ConnectionPrototype {
  send(this: SomeConnection, call: ProtocolCall): Promise<unknown>;
}

function isConnectionPrototype(value: unknown): value is ConnectionPrototype {
  return typeof value === "object" && value !== null && "send" in value &&
    typeof value.send === "function";
}
