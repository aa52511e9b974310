/** Whether this network was chosen for pictures: Wi-Fi is, mobile data is only by the person's own word. */

/** What Chromium tells (Network Information API); the kind is told on Android alone. */
interface Connection {
  readonly type?: string;
  readonly effectiveType?: string;
  readonly saveData?: boolean;
}

/** This will say whether pictures may come without being asked for. A browser that tells nothing lets the person ask. */
export function picturesMayCome(): boolean {
  const { connection } = navigator as Navigator & { connection?: Connection };
  if (connection === undefined || connection.saveData === true) return false;
  if (connection.type !== undefined && connection.type !== "unknown") return connection.type === "wifi" || connection.type === "ethernet";
  return connection.effectiveType === "4g";
}
