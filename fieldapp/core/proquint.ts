/** Six words that two people can compare over a radio: the first 12 bytes of a thumbprint as proquints. */

const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** This will give the six words of a key's thumbprint (docs/protocols/device.md, section 4). */
export function sixWords(thumbprint: Uint8Array): string[] {
  const words: string[] = [];
  for (let i = 0; i < 12; i += 2) {
    const pair = ((thumbprint[i] ?? 0) << 8) | (thumbprint[i + 1] ?? 0);
    words.push(
      [
        CONSONANTS[pair >> 12],
        VOWELS[(pair >> 10) & 3],
        CONSONANTS[(pair >> 6) & 15],
        VOWELS[(pair >> 4) & 3],
        CONSONANTS[pair & 15],
      ].join(""),
    );
  }
  return words;
}
