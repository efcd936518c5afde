import { RoomPage } from "~/features/room";
import type { Route } from "./+types/room.$code";

export const meta = ({ params }: Route.MetaArgs) => [{ title: `${params.code} · WebRTC Chat` }];

export default function RoomRoute({ params }: Route.ComponentProps) {
  // A new code is a new call: nothing of the old one may stay.
  return <RoomPage key={params.code} code={params.code} />;
}
