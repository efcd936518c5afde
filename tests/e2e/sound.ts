// A microphone that sounds without a pause, and for how long nothing of it was heard. All of it runs in the page.

/** Runs before the page's scripts. Chromium's own fake microphone beeps once a second. */
export function hum(): void {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked = {}) => {
    if (!asked.audio) return open(asked);
    const context = new AudioContext();
    addEventListener("click", () => void context.resume(), { capture: true }); // a browser may want one
    const out = context.createMediaStreamDestination();
    const tone = new OscillatorNode(context, { frequency: 440 });
    tone.connect(out);
    tone.start();
    return out.stream;
  };
}

type Hearing = { longest: number; run: number | null; rate: number };

/** Listens to what the page's <audio> elements play of a peer, from their `playing` until they are taken away. */
export function recordSound(peerId: string): void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 32_768 });
  const hearing: Hearing = { longest: 0, run: null, rate: context.sampleRate };
  const followed = new Map<HTMLAudioElement, GainNode>();
  const follow = (audio: HTMLAudioElement, audible: boolean) => {
    const isOurs = audio.closest(`[data-peer-id="${peerId}"]`) !== null;
    if (!isOurs || !(audio.srcObject instanceof MediaStream) || followed.has(audio)) return;
    // Absolute values, so that two paths of one tone do not cancel each other while both are heard.
    const absolute = new WaveShaperNode(context, { curve: new Float32Array([1, 0, 1]) });
    const gain = new GainNode(context, { gain: audible ? 1 : 0 });
    context.createMediaStreamSource(audio.srcObject).connect(absolute).connect(gain).connect(analyser);
    followed.set(audio, gain);
  };
  for (const audio of document.querySelectorAll("audio")) follow(audio, !audio.paused);
  const on = (name: string, run: (audio: HTMLAudioElement) => void) =>
    document.addEventListener(name, ({ target }) => target instanceof HTMLAudioElement && run(target), true);
  on("loadstart", (audio) => follow(audio, false));
  on("playing", (audio) => {
    follow(audio, true);
    const gain = followed.get(audio);
    if (gain !== undefined) gain.gain.value = 1;
  });
  new MutationObserver(() => {
    for (const [audio, gain] of followed) if (!audio.isConnected) gain.disconnect();
  }).observe(document.body, { childList: true, subtree: true });

  const samples = new Float32Array(analyser.fftSize);
  let read = context.currentTime;
  setInterval(() => {
    const fresh = Math.round((context.currentTime - read) * hearing.rate);
    read = context.currentTime;
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples.subarray(-Math.max(1, Math.min(fresh, samples.length)))) {
      if (sample > 0.01) hearing.run = 0;
      else if (hearing.run !== null) hearing.longest = Math.max(hearing.longest, ++hearing.run);
    }
  }, 100);
  Object.assign(window, { hearing });
}

/** The longest silence in milliseconds since the last call of this; null as long as nothing was heard. */
export function readSilence(): number | null {
  const { hearing } = window as unknown as { hearing: Hearing };
  if (hearing.run === null) return null;
  const longest = (hearing.longest / hearing.rate) * 1000;
  hearing.longest = 0;
  return longest;
}
