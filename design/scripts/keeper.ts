/** What the stream said so far, for a page that comes later, and the pages that listen. */

export type Name = "tally" | "entry" | "alert";
export type State = "live" | "lost" | "ended";

export interface Said {
  name: Name | "state";
  data: unknown;
  id?: number;
}

export interface Listener {
  postMessage(message: Said): void;
}

export type Row = [number, ...(number | string | null)[]];

export interface Tally {
  at: string;
  cycle: string | null;
  whole: boolean;
  rows: Row[];
}

/** Entries kept for a page that opens between two of them. */
const KEPT = 200;

export class Keeper {
  private readonly listeners = new Set<Listener>();
  private readonly rows = new Map<number, Row>();
  private readonly entries: Said[] = [];
  private last: Tally | undefined;
  private connection: State = "lost";

  join(listener: Listener, since: number): void {
    this.listeners.add(listener);
    listener.postMessage({ name: "state", data: this.connection });
    if (this.last) {
      const data: Tally = { ...this.last, whole: true, rows: [...this.rows.values()] };
      listener.postMessage({ name: "tally", data });
    }
    for (const said of this.entries) if ((said.id ?? 0) > since) listener.postMessage(said);
  }

  leave(listener: Listener): void {
    this.listeners.delete(listener);
  }

  say(name: Name, text: string, id: number): void {
    const data: unknown = JSON.parse(text);
    const said: Said = id > 0 ? { name, data, id } : { name, data };
    if (name === "tally") this.remember(data as Tally);
    else {
      this.entries.push(said);
      if (this.entries.length > KEPT) this.entries.splice(0, this.entries.length - KEPT);
    }
    for (const listener of this.listeners) listener.postMessage(said);
  }

  state(state: State): void {
    this.connection = state;
    for (const listener of this.listeners) listener.postMessage({ name: "state", data: state });
  }

  private remember(tally: Tally): void {
    if (tally.whole) this.rows.clear();
    for (const row of tally.rows) this.rows.set(row[0], row);
    this.last = tally;
  }
}
