/** What JsSIP takes for a connection: each time it connects, a new secret was asked for before. */
export class RelaySocket {
  readonly url = address("").href;
  readonly sip_uri = "sip:relay.invalid;transport=ws";
  via_transport = "WS";
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: (data: unknown) => void = () => undefined;
  #ws: WebSocket | null = null;
  #attempt = 0;

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
    const ws = this.#ws;
    this.#ws = null;
    ws?.close();
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
    ws.onopen = () => this.onconnect();
    ws.onmessage = (event) => this.ondata(event.data);
    ws.onclose = ({ code, reason, wasClean }) => {
      if (this.#ws !== ws) return;
      this.#ws = null;
      this.onClosed(code);
      this.ondisconnect(!wasClean, code, reason);
    };
  }
}

function address(page: string, path = "/phone"): URL {
  const there = new URL(path, window.location.href);
  there.protocol = there.protocol.replace("http", "ws");
  if (page !== "") there.searchParams.set("page", page);
  return there;
}
