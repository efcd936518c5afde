// The `sfu:*` events. Their insides have the shapes of mediasoup-client, which checks them itself.
import type { types } from "mediasoup-client";
import { z } from "zod";

export const sourceSchema = z.enum(["mic", "camera", "screen", "screen-audio"]);
/** What a track shows or carries. */
export type Source = z.infer<typeof sourceSchema>;

const passed = <T extends object>() =>
  z.custom<T>((value) => typeof value === "object" && value !== null);

export type RtpCapabilities = types.RtpCapabilities;
export const rtpCapabilitiesSchema = passed<RtpCapabilities>();

const kindSchema = z.enum(["audio", "video"]);

const transportSchema = z.object({
  id: z.string(),
  iceParameters: passed<types.IceParameters>(),
  iceCandidates: z.array(passed<types.IceCandidate>()),
  dtlsParameters: passed<types.DtlsParameters>(),
});
export type TransportParameters = z.infer<typeof transportSchema>;

const producerSchema = z.object({
  producerId: z.string(),
  peerId: z.string(),
  kind: kindSchema,
  appData: z.object({ source: sourceSchema }),
});
/** What a peer sends to the SFU. */
export type RemoteProducer = z.infer<typeof producerSchema>;

/** What the server answers, by request. */
export const sfuAnswers = {
  joined: z.object({
    sendTransport: transportSchema,
    recvTransport: transportSchema,
    producers: z.array(producerSchema),
  }),
  iceRestarted: z.object({ iceParameters: passed<types.IceParameters>() }),
  produced: z.object({ producerId: z.string() }),
  consumed: z.object({
    consumerId: z.string(),
    kind: kindSchema,
    rtpParameters: passed<types.RtpParameters>(),
  }),
  done: z.unknown(),
} as const;

const producerOnly = z.object({ producerId: z.string() });
const layer = z.number().int().nullable().exactOptional();
const rating = z.number().min(0).max(5);

export const sfuEventSchemas = {
  "sfu:producer-created": producerSchema,
  "sfu:producer-closed": producerOnly,
  "sfu:layers-changed": z.object({
    consumerId: z.string(),
    spatialLayer: layer,
    temporalLayer: layer,
  }),
  "sfu:set-encodings": z.object({
    producerId: z.string(),
    encodings: z.array(
      z.object({ rid: z.string().nullable().exactOptional(), active: z.boolean() }),
    ),
  }),
  "sfu:active-speakers": z.object({
    peerIds: z.array(z.string()),
    dominant: z.string().nullable().exactOptional(),
  }),
  "sfu:quality": z.object({
    peerId: z.string(),
    uplink: rating,
    downlink: rating,
    rttMs: z.number().nullable().exactOptional(),
  }),
} as const;

type OfTransport = { transportId: string };
type OfProducer = { producerId: string };
type OfConsumer = { consumerId: string };

/** What the page may ask of the SFU. */
export type SfuClientEvents = {
  "sfu:join": { roomId: string; rtpCapabilities: RtpCapabilities };
  "sfu:connect-transport": OfTransport & { dtlsParameters: types.DtlsParameters };
  "sfu:restart-ice": OfTransport;
  "sfu:produce": OfTransport & {
    kind: "audio" | "video";
    rtpParameters: types.RtpParameters;
    paused: boolean;
    appData: { source: Source };
  };
  "sfu:pause-producer": OfProducer;
  "sfu:resume-producer": OfProducer;
  "sfu:close-producer": OfProducer;
  "sfu:consume": OfProducer & { rtpCapabilities: RtpCapabilities };
  "sfu:pause-consumer": OfConsumer;
  "sfu:resume-consumer": OfConsumer;
  "sfu:close-consumer": OfConsumer;
  "sfu:set-preferred-layers": OfConsumer & {
    spatialLayer: number;
    temporalLayer?: number;
    width: number;
    height: number;
  };
};
