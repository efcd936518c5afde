// Sound through a chosen speaker, where the browser lets the page choose one.

export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

const SECONDS = 0.6;
const RATE = 16_000;

/** Two soft notes through the chosen speaker; null is the default one. */
export async function playTestSound(speaker: string | null): Promise<void> {
  const audio = new Audio(URL.createObjectURL(new Blob([chime()], { type: "audio/wav" })));
  try {
    if (speaker !== null && canChooseSpeaker()) await audio.setSinkId(speaker);
    await audio.play();
  } catch {
    // A speaker that is gone or a refusal to play is heard as silence: that is the test's answer.
  } finally {
    audio.addEventListener("ended", () => URL.revokeObjectURL(audio.src));
  }
}

/** A mono 16-bit WAV file (RIFF) of an octave going up. */
function chime(): ArrayBuffer {
  const count = Math.floor(SECONDS * RATE);
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
    const hertz = seconds < SECONDS / 2 ? 523.25 : 1046.5;
    const fade = Math.exp((-8 * (seconds % (SECONDS / 2))) / SECONDS);
    file.setInt16(44 + i * 2, Math.sin(2 * Math.PI * hertz * seconds) * fade * 9_000, true);
  }
  return file.buffer as ArrayBuffer;
}
