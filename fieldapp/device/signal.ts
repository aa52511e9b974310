/** A sound and a vibration of its own for each verdict, so that it is known without looking. */

import type { Colour } from "../core/verdict";

/** Pitches in hertz, one after the other, and how long each lasts in milliseconds. */
export const SOUNDS: Record<Colour, { pitches: number[]; length_ms: number; shape: OscillatorType }> = {
  green: { pitches: [660, 990], length_ms: 130, shape: "sine" },
  amber: { pitches: [520, 520], length_ms: 180, shape: "triangle" },
  red: { pitches: [196, 156, 196], length_ms: 240, shape: "square" },
};

export const VIBRATIONS: Record<Colour, number[]> = {
  green: [120],
  amber: [120, 120, 120],
  red: [400, 120, 400],
};

let context: AudioContext | null = null;

/** This will tell the verdict to the hand and, with `sound`, to the ear; it stays silent where the phone does not allow it. */
export function signalVerdict(colour: Colour, sound: boolean): void {
  if ("vibrate" in navigator) navigator.vibrate(VIBRATIONS[colour]);
  if (!sound || !("AudioContext" in globalThis)) return;
  context ??= new AudioContext();
  const { pitches, length_ms, shape } = SOUNDS[colour];
  pitches.forEach((pitch, place) => {
    if (context === null) return;
    const start = context.currentTime + (place * (length_ms + 40)) / 1000;
    const oscillator = new OscillatorNode(context, { type: shape, frequency: pitch });
    const volume = new GainNode(context, { gain: shape === "square" ? 0.12 : 0.3 });
    oscillator.connect(volume).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + length_ms / 1000);
  });
}
