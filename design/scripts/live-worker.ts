/** One stream a browser: a SharedWorker holds the EventSource and gives its messages to every page.
 *
 * A browser opens six connections to a host at most, so six pages with a stream each would leave
 * none for work. It keeps the state and the last entries for pages that open later. */
import { Keeper } from "./keeper.ts";

interface Scope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const keeper = new Keeper();
let source: EventSource | undefined;

function open(address: string): void {
  source = new EventSource(address, { withCredentials: true });
  source.onopen = () => keeper.state("live");
  source.onerror = () => keeper.state(source?.readyState === EventSource.CLOSED ? "ended" : "lost");
  for (const name of ["tally", "entry", "alert"] as const) {
    source.addEventListener(name, (event) => keeper.say(name, event.data as string, Number(event.lastEventId)));
  }
  source.addEventListener("end", () => {
    source?.close();
    keeper.state("ended");
  });
}

(self as unknown as Scope).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent) => {
    const asked = message.data as { open?: string; close?: boolean; since?: number };
    if (asked.close) {
      keeper.leave(port);
      return;
    }
    if (!source || source.readyState === EventSource.CLOSED) open(asked.open ?? "");
    keeper.join(port, asked.since ?? 0);
  };
  port.start();
};
