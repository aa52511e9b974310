/** Photos: sent in parts, resumed where they broke off, deleted here only when the server shows them whole. */

import type { Database, StoredBlob } from "../store/database";
import type { Client } from "./client";

/** Small enough that a broken part costs little on 2G. */
const PART_BYTES = 128 * 1024;

/** This will send every waiting photo as far as the network lets it. */
export async function pushBlobs(db: Database, client: Client): Promise<void> {
  for (const sha256 of await db.blobs.toCollection().primaryKeys()) {
    const blob = await db.blobs.get(sha256);
    if (blob && !(await pushBlob(client, blob))) return;
    if (blob && (await isWhole(client, sha256))) await db.blobs.delete(sha256);
  }
}

async function pushBlob(client: Client, blob: StoredBlob): Promise<boolean> {
  const path = `/api/v1/blobs/${blob.sha256}`;
  const head = await client.send("HEAD", path);
  if (head.kind === "unreachable") return false;
  let offset = head.kind === "answer" ? Number(head.headers.get("Upload-Offset") ?? 0) : 0;
  while (offset < blob.bytes.length) {
    const headers: Record<string, string> = {
      "Upload-Offset": String(offset),
      "Upload-Length": String(blob.bytes.length),
    };
    if (offset === 0) headers["Blob-Key"] = blob.blob_key;
    const body = blob.bytes.slice(offset, offset + PART_BYTES);
    const outcome = await client.send("PATCH", path, { body, content_type: "application/octet-stream", headers });
    if (outcome.kind !== "answer") return false;
    const reached = Number(outcome.headers.get("Upload-Offset"));
    if (!(reached > offset)) return false;
    offset = reached;
  }
  return true;
}

async function isWhole(client: Client, sha256: string): Promise<boolean> {
  const head = await client.send("HEAD", `/api/v1/blobs/${sha256}`);
  return head.kind === "answer" && head.headers.get("Upload-Complete") === "?1";
}
