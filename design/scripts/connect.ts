/** Connect a page to the live stream, by the shared worker where there is one. */
import { Keeper, type Said } from "./keeper.ts";

export interface Options {
  /** The stream's address, e.g. http://localhost:8001/live/ */
  address: string;
  /** Which account watches: another account in the same browser gets a worker of its own. */
  account: string;
  /** The position of the feed that the page already shows. */
  since: number;
  workerAddress: string;
  said: (said: Said) => void;
}

export function connect(options: Options): void {
  const address = `${options.address}?since=${options.since}`;
  if (typeof SharedWorker === "function") {
    const worker = new SharedWorker(options.workerAddress, {
      type: "module",
      name: `betang-live-${options.account}`,
    });
    worker.port.onmessage = (event: MessageEvent) => options.said(event.data as Said);
    worker.port.start();
    worker.port.postMessage({ open: address, since: options.since });
    addEventListener("pagehide", () => worker.port.postMessage({ close: true }));
    addEventListener("pageshow", (event) => {
      if (event.persisted) worker.port.postMessage({ open: address, since: options.since });
    });
    return;
  }
  const keeper = new Keeper();
  keeper.join({ postMessage: options.said }, options.since);
  let source: EventSource | undefined;
  const open = (): void => {
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
  };
  open();
  // A page that nobody sees holds no connection (six a host).
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      keeper.state("lost");
    } else open();
  });
}
