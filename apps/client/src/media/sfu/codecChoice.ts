// By which codec this person's pictures go to the SFU, from the next time that they begin.
import { createStoredChoice } from "~/media/storedChoice";

export const codecChoices = ["auto", "VP8", "VP9", "AV1", "H264"] as const;
export type CodecChoice = (typeof codecChoices)[number];

export const codecChoice = createStoredChoice("webrtc-chat.videoCodec", codecChoices);
