/** Reading a QR code from the camera: the phone's own detector where it has one, our wasm where it has none. */

import wasm_url from "zxing-wasm/reader/zxing_reader.wasm?url";

interface Detector {
  detect(source: HTMLVideoElement | ImageBitmap): Promise<{ rawValue: string }[]>;
}

interface NativeDetector {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** A frame each 120 ms: a cheap phone still has time to draw. */
const PAUSE_MS = 120;

let detector: Promise<Detector> | null = null;

/** This will make the detector ready, so that the first scan does not wait for it; `scan` says when it cannot be had. */
export function prepareDetector(): void {
  readyDetector().catch(() => undefined);
}

/** What failed once is tried anew the next time: the file may be read then, or there is a network. */
function readyDetector(): Promise<Detector> {
  detector ??= makeDetector().catch((error: unknown) => {
    detector = null;
    throw new ReaderMissingError("reader", { cause: error });
  });
  return detector;
}

async function makeDetector(): Promise<Detector> {
  const native = (globalThis as { BarcodeDetector?: NativeDetector }).BarcodeDetector;
  const formats = native ? await native.getSupportedFormats().catch(() => []) : [];
  if (native && formats.includes("qr_code")) return new native({ formats: ["qr_code"] });
  const { BarcodeDetector: WasmDetector, prepareZXingModule, purgeZXingModule } = await import("barcode-detector/ponyfill");
  purgeZXingModule(); // it keeps what failed, too
  // Compiled while the camera opens, not when its first frame is there.
  const overrides = { locateFile: () => wasm_url, printErr: () => undefined };
  await prepareZXingModule({ overrides, fireImmediately: true });
  return new WasmDetector({ formats: ["qr_code"] });
}

/** The file that reads codes could not be loaded. */
export class ReaderMissingError extends Error {}

export class CameraRefusedError extends Error {}

/**
 * This will show the camera in `video` until a code is found that `accept` takes, then give its text; null when
 * `signal` ends it.
 */
export async function scan(
  video: HTMLVideoElement,
  signal: AbortSignal,
  accept: (text: string) => boolean = () => true,
): Promise<string | null> {
  const stream = await openCamera();
  try {
    if (signal.aborted) return null;
    video.srcObject = stream;
    await video.play();
    const ready = await readyDetector();
    while (!signal.aborted) {
      const [code] = video.readyState >= 2 ? await ready.detect(video) : [];
      if (code !== undefined && code.rawValue !== "" && !signal.aborted && accept(code.rawValue)) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return null;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function openCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
    });
  } catch (error) {
    throw new CameraRefusedError("camera", { cause: error });
  }
}
