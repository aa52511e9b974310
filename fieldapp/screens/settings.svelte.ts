/** What suits the person who holds the phone: text size, sound, the sun. Nothing personal; read before the PIN. */

import type { Database } from "../store/database";

export const TEXT_SIZES = [
  { code: "normal", name: "Biasa" },
  { code: "large", name: "Besar" },
  { code: "largest", name: "Sangat besar" },
] as const;
export type TextSize = (typeof TEXT_SIZES)[number]["code"];

interface Kept {
  text: TextSize;
  sound: boolean;
  sun: boolean;
  /** Photos of families come over mobile data too. */
  pictures: boolean;
}

const KEY = "settings";

class Settings {
  text = $state<TextSize>("normal");
  sound = $state(true);
  sun = $state(false);
  pictures = $state(false);
  private db: Database | null = null;

  /** This will read what was kept and show it. */
  async load(db: Database): Promise<void> {
    this.db = db;
    const kept = await db.read<Partial<Kept>>(KEY);
    this.text = TEXT_SIZES.find(({ code }) => code === kept?.text)?.code ?? "normal";
    this.sound = kept?.sound ?? true;
    this.sun = kept?.sun ?? false;
    this.pictures = kept?.pictures ?? false;
    this.show();
  }

  /** This will keep what stands here now, and show it at once. */
  async keep(): Promise<void> {
    this.show();
    const { text, sound, sun, pictures } = this;
    await this.db?.write(KEY, { text, sound, sun, pictures } satisfies Kept);
  }

  private show(): void {
    const { dataset } = document.documentElement;
    dataset["text"] = this.text;
    if (this.sun) dataset["sun"] = "";
    else delete dataset["sun"];
  }
}

export const settings = new Settings();
