/**
 * What the phone keeps, in IndexedDB. Durability is strict: a record that the screen calls kept is on the flash.
 * Names, points and faces of families are only in `roster` and `portraits`, encrypted; everything else is numbers, codes and signed bytes.
 */

import Dexie, { type EntityTable } from "dexie";
import type { Bytes } from "../core/bytes";
import type { PublicJwk } from "../core/es256";
import type { SealedBatchKey } from "../core/seal";

/** Where a record stands. `kept`: only on this phone. `held`: the server waits for one before it. */
export type RecordState = "kept" | "held" | "received" | "refused" | "fork";

export interface QueuedEvent {
  seq: number;
  id: string;
  type: string;
  /** Device time, RFC 3339 UTC. */
  at: string;
  jws: string;
  payload_sha256: string;
  /** Entitlements, cards and households (numbers or uuids) that the record is about. */
  subjects: string[];
  state: RecordState;
  code?: string;
  attachment?: StoredAttachment;
}

/** An attachment as it will travel: its key already wrapped, so that the phone itself cannot open it again. */
export interface StoredAttachment {
  sha256: string;
  ciphertext: string;
  wrapped_key: string;
  batch: string;
}

/** A batch key as it travels: sealed to the server's `seal` key. Made once an unlocked session. */
export interface StoredBatchKey {
  id: string;
  sealed: SealedBatchKey;
}

/** A photo or letter too large to travel beside its event. */
export interface StoredBlob {
  sha256: string;
  bytes: Bytes;
  /** How the server opens it: the header of the first part. */
  blob_key: string;
  event_id: string;
}

export interface SealedRow {
  key: string;
  sealed: Bytes;
}

export interface Decision {
  /** The server's number; a later one about the same event replaces the earlier. */
  number: number;
  seq: number;
  /** Which record it is about: after a fork two stand at one place, and only one of them is this phone's. */
  event_sha256: string;
  outcome: "accepted" | "contested" | "refused" | "waiting" | "parked";
  code: string;
  sentence: string;
  do: string;
  at: string;
}

/** The highest genuine reading of a chip that this phone has seen: a tap at or below it is a replay. */
export interface SeenCounter {
  uid: string;
  counter: number;
  /** The last tap that could not be told here: the same a second time is a replay. */
  unproved?: { counter: number; mac: string };
}

export type DeviceState = "pending" | "active" | "suspended" | "frozen" | "revoked";

export interface Identity {
  origin: string;
  device: string;
  short_id: string;
  jwk: PublicJwk;
  thumbprint: string;
  enrolment_key_sha256: string;
  words: string[];
  state: DeviceState;
  has_nfc: boolean;
}

export interface Vault {
  salt: Bytes;
  iterations: number;
  signing_key: Bytes | null;
  roster_key: Bytes | null;
  wrong_pins: number;
  retry_at_ms: number;
}

export class Database extends Dexie {
  meta!: EntityTable<{ key: string; value: unknown }, "key">;
  queue!: EntityTable<QueuedEvent, "seq">;
  batches!: EntityTable<StoredBatchKey, "id">;
  blobs!: EntityTable<StoredBlob, "sha256">;
  roster!: EntityTable<SealedRow, "key">;
  drafts!: EntityTable<SealedRow, "key">;
  decisions!: EntityTable<Decision, "number">;
  counters!: EntityTable<SeenCounter, "uid">;
  tickets!: EntityTable<SealedRow, "key">;
  portraits!: EntityTable<SealedRow, "key">;

  constructor(name = "betang") {
    super(name, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      meta: "&key",
      queue: "&seq, &id, state, *subjects",
      batches: "&id",
      blobs: "&sha256, event_id",
      roster: "&key",
      drafts: "&key",
      decisions: "&number, seq",
      counters: "&uid",
    });
    this.version(2).stores({ tickets: "&key" });
    // Tickets stood under names that anybody could make; decisions said a place, not which record. Both come anew.
    this.version(3)
      .stores({ decisions: "&number, seq, event_sha256" })
      .upgrade(async (kept) => {
        await kept.table("tickets").clear();
        await kept.table("meta").put({ key: "tickets_revision", value: 0 });
        await kept.table("decisions").clear();
      });
    this.version(4).stores({ portraits: "&key" });
  }

  /** This will read a single value that is kept by name. */
  async read<Value>(key: string): Promise<Value | undefined> {
    return (await this.meta.get(key))?.value as Value | undefined;
  }

  /** This will keep a single value by name. */
  async write(key: string, value: unknown): Promise<void> {
    await this.meta.put({ key, value });
  }
}
