/**
 * Follows the bytes that a server sends on a connection: first an HTTP response head, then, after
 * an upgrade (status 101), WebSocket frames (RFC 6455, section 5.2; a server's frames are not
 * masked), else a body in chunks (RFC 9112, section 7.1).
 *
 * @module
 */
export class FrameCounter {
  /** Data messages passed on completely. */
  messages = 0;
  /** Bytes of a chunked body passed on, without the chunks' own. */
  bodyBytes = 0;
  #head = "";
  #headDone = false;
  #framed = false;
  #header: number[] = [];
  /** Bytes of the frame in hand that are still to come. */
  #rest = 0;
  #isData = false;
  #sizeLine = "";

  /**
   * Takes the next bytes.
   *
   * @returns How many of them may pass: all, or up to the middle of the next data frame or body part if `cutNext`
   */
  take(chunk: Uint8Array, cutNext: boolean): number {
    let i = this.#headDone ? 0 : this.#skipHead(chunk);
    if (this.#headDone && !this.#framed) {
      this.#takeChunks(chunk.subarray(i));
      return cutNext ? i + ((chunk.length - i) >> 1) : chunk.length;
    }
    while (i < chunk.length) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, chunk.length - i);
        this.#rest -= step;
        i += step;
        if (this.#rest === 0 && this.#isData) this.messages++;
        continue;
      }
      this.#header.push(chunk[i++] ?? 0);
      const size = payloadSize(this.#header);
      if (size === null) continue;
      this.#isData = ((this.#header[0] ?? 0) & 0x0f) <= 2;
      this.#header = [];
      this.#rest = size;
      if (size === 0 && this.#isData) this.messages++;
      if (cutNext && this.#isData) return Math.min(chunk.length, i + Math.floor(size / 2));
    }
    return chunk.length;
  }

  #takeChunks(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length;) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, bytes.length - i);
        this.#rest -= step;
        // The last two are the line end behind the data.
        this.bodyBytes += step - Math.max(0, Math.min(step, 2 - this.#rest));
        i += step;
        continue;
      }
      const byte = bytes[i++] ?? 0;
      if (byte !== LINE_FEED) {
        this.#sizeLine += String.fromCharCode(byte);
        continue;
      }
      const size = Number.parseInt(this.#sizeLine, 16);
      this.#sizeLine = "";
      if (size > 0) this.#rest = size + 2;
    }
  }

  /** Where the response's head ends in the chunk. */
  #skipHead(chunk: Uint8Array): number {
    const before = this.#head.length;
    // One char per byte, so that positions agree.
    this.#head += new TextDecoder("latin1").decode(chunk);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return chunk.length;
    this.#headDone = true;
    this.#framed = /^HTTP\/1\.1 101 /.test(this.#head);
    this.#head = "";
    return end + 4 - before;
  }
}

const LINE_FEED = 10;

/** The payload's size once the header is complete, else `null`. */
function payloadSize(header: readonly number[]): number | null {
  const short = (header[1] ?? 0) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (header.length < 2 + extra) return null;
  return extra === 0 ? short : header.slice(2, 2 + extra).reduce((size, b) => size * 256 + b, 0);
}
