/** The outbox: what happened in the village, signed, in order, never lost. One lock, so that two tabs make one chain. */

import { toBase64Url, utf8, type Bytes } from "../core/bytes";
import { signEvent } from "../core/event";
import { ATTACHMENT_MAX_BYTES, sealAttachment, sealBlob, type BatchKey, type Sealed, type SealedBlob } from "../core/seal";
import type { RingKey } from "../core/ring";
import { newUuid } from "../core/uuid";
import type { Database, QueuedEvent } from "./database";
import { exclusively } from "./locks";
import { refuseNotHeld } from "./transfers";

export interface Signer {
  readonly dev: string;
  readonly key: CryptoKey;
  readonly batch: BatchKey & { readonly id: string };
  readonly seal_key: RingKey;
}

export interface Happening {
  readonly type: string;
  readonly at_ms: number;
  readonly mono_ms: number;
  readonly lease: string | null;
  readonly data: Record<string, unknown>;
  /** Personal data and free text; sealed to the server, never in the signed payload. */
  readonly personal?: Record<string, unknown> | undefined;
  readonly photos?: readonly Bytes[] | undefined;
  readonly subjects: readonly string[];
}

/** This will sign and keep one event; when it returns, the record is on the flash. Throws NotHeldError. */
export async function record(db: Database, signer: Signer, happening: Happening): Promise<QueuedEvent> {
  const attachment = await sealPersonal(signer, happening.personal);
  const photos = await Promise.all((happening.photos ?? []).map((photo) => sealBlob(signer.seal_key, photo)));
  const data = { ...happening.data };
  if (attachment) data["attachment"] = attachment.sha256;
  if (photos.length > 0) data["photos"] = photos.map((photo) => photo.sha256);
  return exclusively("betang-chain", async () => {
    await refuseNotHeld(db, happening.type, happening.lease, happening.subjects);
    const last = (await db.queue.orderBy("seq").last()) ?? null;
    const id = newUuid(happening.at_ms);
    const at = new Date(happening.at_ms).toISOString();
    const { type, mono_ms, lease } = happening;
    const signed = await signEvent(signer.key, { dev: signer.dev, id, type, at, mono_ms, lease, data }, last);
    const row: QueuedEvent = { ...signed, id, type, at, subjects: [...happening.subjects], state: "kept" };
    if (attachment) {
      row.attachment = {
        sha256: attachment.sha256,
        ciphertext: toBase64Url(attachment.ciphertext),
        wrapped_key: toBase64Url(attachment.key),
        batch: signer.batch.id,
      };
    }
    await keep(db, signer, row, photos);
    return row;
  });
}

/** This will count what the server has not acknowledged: what it refused is still only here. */
export async function unsentCount(db: Database): Promise<number> {
  return db.queue.where("state").anyOf("kept", "held", "refused").count();
}

/** This will let what was refused go once more: the person asked for it, the app or the server may be newer. */
export async function offerAgain(db: Database): Promise<void> {
  await db.queue.where("state").equals("refused").modify({ state: "kept" });
}

async function keep(db: Database, signer: Signer, row: QueuedEvent, photos: SealedBlob[]): Promise<void> {
  await db.transaction("rw", db.queue, db.batches, db.blobs, async () => {
    await db.batches.put({ id: signer.batch.id, sealed: { ...signer.batch.sealed } });
    await db.blobs.bulkPut(
      photos.map((photo) => ({
        sha256: photo.sha256,
        bytes: photo.ciphertext,
        blob_key: photo.blob_key,
        event_id: row.id,
      })),
    );
    await db.queue.add(row); // refuses a second event at the same place
  });
}

async function sealPersonal(signer: Signer, personal: Happening["personal"]): Promise<Sealed | null> {
  const told = Object.entries(personal ?? {}).filter(([, value]) => value !== null && value !== "" && value !== undefined);
  if (told.length === 0) return null;
  const plaintext = utf8(JSON.stringify(Object.fromEntries(told)));
  if (plaintext.length > ATTACHMENT_MAX_BYTES - 28) throw new RangeError("attachment: too large");
  return sealAttachment(signer.batch, plaintext);
}
