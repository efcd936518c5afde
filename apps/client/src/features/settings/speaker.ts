// Sound through a chosen speaker, where the browser lets the page choose one.

export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

const NOTE_SECONDS = 0.3;
const RATE = 16_000;

/** Of a note: hertz, and how loud from 0 to 1. */
type Chime = { readonly notes: readonly number[]; readonly volume: number };

const testSound: Chime = { notes: [523.25, 1046.5], volume: 0.27 };
const knock: Chime = { notes: [392, 329.63], volume: 0.15 };

/** An octave going up, through the chosen speaker; null is the default one. */
export const playTestSound = (speaker: string | null) => play(testSound, speaker);
/** Two low notes: somebody is at the door. */
export const playKnock = (speaker: string | null) => play(knock, speaker);

async function play(chime: Chime, speaker: string | null): Promise<void> {
  const url = URL.createObjectURL(new Blob([toWave(chime)], { type: "audio/wav" }));
  const audio = new Audio(url);
  const release = () => URL.revokeObjectURL(url);
  audio.addEventListener("ended", release);
  try {
    if (speaker !== null && canChooseSpeaker()) await audio.setSinkId(speaker);
    await audio.play();
  } catch {
    release(); // a speaker that is gone or a refusal to play is heard as silence
  }
}

/** A mono 16-bit WAV file (RIFF). */
function toWave({ notes, volume }: Chime): ArrayBuffer {
  const count = Math.floor(notes.length * NOTE_SECONDS * RATE);
  const file = new DataView(new ArrayBuffer(44 + count * 2));
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; i++) file.setUint8(at + i, word.charCodeAt(i));
  };
  text(0, "RIFF");
  file.setUint32(4, 36 + count * 2, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true); // PCM
  file.setUint16(22, 1, true); // mono
  file.setUint32(24, RATE, true);
  file.setUint32(28, RATE * 2, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, count * 2, true);
  for (let i = 0; i < count; i++) {
    const seconds = i / RATE;
    const hertz = notes[Math.floor(seconds / NOTE_SECONDS)] ?? 0;
    const fade = Math.exp((-4 * (seconds % NOTE_SECONDS)) / NOTE_SECONDS);
    const wave = Math.sin(2 * Math.PI * hertz * seconds);
    file.setInt16(44 + i * 2, wave * fade * volume * 32_767, true);
  }
  return file.buffer as ArrayBuffer;
}
