/** Sending: each event is marked by its own answer, never by the batch's (device.md, section 6). */

import type { Database, QueuedEvent, RecordState } from "../store/database";
import type { Client } from "./client";

const EVENTS_MAX = 100;
/** Below the server's 4 MiB, with room for the JSON around it. */
const BYTES_MAX = 3_500_000;

interface Answer {
  n: number;
  seq: number | null;
  answer: "stored" | "again" | "held" | "fork" | "refused";
  expected_seq?: number;
  code?: string;
}

interface EventsAnswer {
  answers: Answer[];
  expected_seq: number;
  state: string;
}

export type PushResult = { kind: "done"; forked: boolean } | { kind: "stopped"; sentence: string | null };

/** What an answer makes of a record, from whichever way it came back. */
export const STATE_OF: Record<Answer["answer"], RecordState> = {
  stored: "received",
  again: "received",
  held: "held",
  fork: "fork",
  refused: "refused",
};

/** This will send everything unsent, in order, and mark what the server answers for. */
export async function push(db: Database, client: Client): Promise<PushResult> {
  let from = 0;
  let rewound = false;
  for (;;) {
    const batch = await nextBatch(db, from);
    const last = batch.at(-1);
    if (last === undefined) return { kind: "done", forked: false };
    const outcome = await client.sendJson<EventsAnswer>("POST", "/api/v1/events", await bodyOf(db, batch), { query: "?brief=1" });
    if (outcome.kind === "unreachable") return { kind: "stopped", sentence: null };
    if (outcome.kind === "refusal") return { kind: "stopped", sentence: outcome.sentence };
    await mark(db, batch, outcome.body.answers);
    if (outcome.body.answers.some((answer) => answer.answer === "fork")) return { kind: "done", forked: true };
    const held = outcome.body.answers.find((answer) => answer.answer === "held");
    if (held?.expected_seq !== undefined && !rewound) {
      rewound = true; // the server misses an earlier one: everything from there goes again, once
      await db.queue.where("seq").aboveOrEqual(held.expected_seq).modify({ state: "kept" });
      from = 0;
      continue;
    }
    from = last.seq;
  }
}

/** This will give the next records behind `after` that stand in one of `states`, as many as one request holds. */
export async function nextBatch(
  db: Database,
  after: number,
  states: readonly RecordState[] = ["kept", "held"],
): Promise<QueuedEvent[]> {
  const unsent = await db.queue
    .where("seq")
    .above(after)
    .filter((row) => states.includes(row.state))
    .limit(EVENTS_MAX)
    .toArray();
  const batch: QueuedEvent[] = [];
  let key: string | undefined;
  let bytes = 0;
  for (const row of unsent) {
    // one batch key a request: events sealed in another session go with the next one
    if (row.attachment && key !== undefined && row.attachment.batch !== key) break;
    bytes += row.jws.length + (row.attachment?.ciphertext.length ?? 0) + 300;
    if (bytes > BYTES_MAX && batch.length > 0) break;
    key = row.attachment?.batch ?? key;
    batch.push(row);
  }
  return batch;
}

/** This will give the body of `POST /events` for records of one batch key. */
export async function bodyOf(db: Database, batch: QueuedEvent[]): Promise<object> {
  const events = batch.map(({ jws, attachment }) =>
    attachment
      ? { jws, attachment: { ciphertext: attachment.ciphertext, key: attachment.wrapped_key } }
      : { jws },
  );
  const batch_id = batch.find((row) => row.attachment)?.attachment?.batch;
  const stored = batch_id === undefined ? undefined : await db.batches.get(batch_id);
  return stored === undefined ? { events } : { events, batch_key: stored.sealed };
}

async function mark(db: Database, batch: QueuedEvent[], answers: Answer[]): Promise<void> {
  await db.transaction("rw", db.queue, async () => {
    for (const { n, seq, answer, code } of answers) {
      const row = batch[n];
      if (row === undefined || (seq !== null && seq !== row.seq)) continue; // not about what was sent there
      await db.queue.update(row.seq, code === undefined ? { state: STATE_OF[answer] } : { state: STATE_OF[answer], code });
    }
  });
}
