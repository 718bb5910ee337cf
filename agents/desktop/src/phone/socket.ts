// A line that is dead says nothing: each ping (RFC 5626) is answered with a line's end by the desk.
const PING = "\r\n\r\n";
const PING_EVERY = 5000; // milliseconds
const MOST_UNANSWERED = 2;

/**
 * What JsSIP takes for a connection: each time it connects, a new secret was asked for before. One
 * whose other end is gone is given up, so that the page never takes itself for registered.
 */
export class RelaySocket {
  readonly url = address("").href;
  readonly sip_uri = "sip:relay.invalid;transport=ws";
  via_transport = "WS";
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: (data: unknown) => void = () => undefined;
  #ws: WebSocket | null = null;
  #attempt = 0;
  #unanswered = 0;
  #pings = 0; // a timer

  constructor(
    private readonly page: string,
    private readonly permit: () => Promise<void>,
    private readonly onClosed: (code: number) => void,
    private readonly path = "/phone",
  ) {}

  connect(): void {
    this.#attempt += 1;
    const mine = this.#attempt;
    this.permit().then(
      () => {
        if (mine === this.#attempt) this.#open();
      },
      () => {
        if (mine === this.#attempt) this.ondisconnect(true, 0, "");
      },
    );
  }

  disconnect(): void {
    this.#attempt += 1;
    this.#forget()?.close();
  }

  /** This connection is over; JsSIP opens another. */
  lose(): void {
    if (this.#ws === null) return;
    this.#ws.close(); // which nobody may ever answer
    this.#over(true, 0, "");
  }

  send(message: string): boolean {
    if (this.#ws?.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(message);
    return true;
  }

  isConnected(): boolean {
    return this.#ws?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#ws?.readyState === WebSocket.CONNECTING;
  }

  #open(): void {
    const ws = new WebSocket(address(this.page, this.path), "sip");
    this.#ws = ws;
    ws.onopen = () => {
      this.#unanswered = 0;
      this.#pings = window.setInterval(() => this.#ping(), PING_EVERY);
      this.onconnect();
    };
    ws.onmessage = (event) => {
      this.#unanswered = 0;
      this.ondata(event.data);
    };
    ws.onclose = ({ code, reason, wasClean }) => {
      if (this.#ws === ws) this.#over(!wasClean, code, reason);
    };
  }

  #ping(): void {
    if (this.#unanswered < MOST_UNANSWERED) {
      this.#unanswered += 1;
      this.send(PING);
    } else this.lose();
  }

  #over(failed: boolean, code: number, reason: string): void {
    this.#forget();
    this.onClosed(code);
    this.ondisconnect(failed, code, reason);
  }

  #forget(): WebSocket | null {
    const ws = this.#ws;
    this.#ws = null;
    window.clearInterval(this.#pings);
    return ws;
  }
}

function address(page: string, path = "/phone"): URL {
  const there = new URL(path, window.location.href);
  there.protocol = there.protocol.replace("http", "ws");
  if (page !== "") there.searchParams.set("page", page);
  return there;
}
