/** Reading a chip through Web NFC: the serial number and the SUN address that the chip writes anew at each tap. */

import type { RawTap } from "../core/ticket";

interface NdefRecord {
  recordType: string;
  data?: DataView;
}

interface NdefReadingEvent extends Event {
  serialNumber: string;
  message: { records: NdefRecord[] };
}

interface NdefReader extends EventTarget {
  scan(options: { signal: AbortSignal }): Promise<void>;
}

/** This will say whether this phone's browser can read a chip. */
export function hasNfc(): boolean {
  return "NDEFReader" in globalThis;
}

/** This will call `found` for every genuine-looking tap until `signal` ends it; other tags are passed over. */
export async function listen(found: (tap: RawTap) => void, signal: AbortSignal): Promise<void> {
  const Reader = (globalThis as unknown as { NDEFReader: new () => NdefReader }).NDEFReader;
  const reader = new Reader();
  reader.addEventListener(
    "reading",
    (event) => {
      const { serialNumber, message } = event as NdefReadingEvent;
      for (const record of message.records) {
        if (record.recordType !== "url" || record.data === undefined) continue;
        const tap = tapOf(new TextDecoder().decode(record.data), serialNumber);
        if (tap) found(tap);
      }
    },
    { signal },
  );
  await reader.scan({ signal });
}

/** This will read `https://HOST/t?u=UID&n=CTR&c=MAC`; null when it is not that or the serial number differs. */
export function tapOf(address: string, serial_number: string): RawTap | null {
  const match = /\/t\?u=([0-9A-Fa-f]{14})&n=([0-9A-Fa-f]{6})&c=([0-9A-Fa-f]{16})$/.exec(address);
  const [, uid, counter, mac] = match ?? [];
  if (uid === undefined || counter === undefined || mac === undefined) return null;
  const serial = serial_number.replaceAll(":", "").toLowerCase();
  if (serial !== "" && serial !== uid.toLowerCase()) return null;
  return { uid: uid.toLowerCase(), counter: parseInt(counter, 16), mac: mac.toLowerCase() };
}
