/** Read a card's front code with the camera and put it into the form of the public page. */
import { BarcodeDetector as Fallback, prepareZXingModule } from "barcode-detector/ponyfill";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

interface Detected {
  rawValue: string;
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<Detected[]>;
}

async function detector(): Promise<Detector> {
  const native = (globalThis as { BarcodeDetector?: { new (options: object): Detector; getSupportedFormats(): Promise<string[]> } })
    .BarcodeDetector;
  if (native && (await native.getSupportedFormats()).includes("qr_code")) return new native({ formats: ["qr_code"] });
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new Fallback({ formats: ["qr_code"] }) as unknown as Detector;
}

async function read(form: HTMLFormElement, video: HTMLVideoElement, words: HTMLElement): Promise<void> {
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = camera;
  video.hidden = false;
  await video.play();
  words.textContent = "Arahkan kamera ke kode pada bagian depan kartu.";
  const found = await detector();
  for (;;) {
    const [first] = await found.detect(video).catch(() => []);
    if (first?.rawValue) {
      for (const track of camera.getTracks()) track.stop();
      const field = form.querySelector<HTMLInputElement>("input[name=qr]");
      if (field) field.value = first.rawValue;
      form.submit();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const form = document.querySelector<HTMLFormElement>("#read-card");
const button = document.querySelector<HTMLButtonElement>("#open-camera");
const video = document.querySelector<HTMLVideoElement>("#camera");
const words = document.querySelector<HTMLElement>("#camera-words");
if (form && button && video && words && "mediaDevices" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.hidden = true;
    read(form, video, words).catch(() => {
      button.hidden = false;
      words.textContent = "Kamera tidak dapat dibuka. Ketik nomor kartu saja.";
    });
  });
}
