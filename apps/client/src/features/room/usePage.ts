import { useState } from "react";
import type { Size } from "~/call/layout/grid";
import { bringIn, capacityOf, type Page, pageOf, seat } from "~/call/layout/seats";
import { useCallParts, useLive, useObservable } from "~/features/call";

/** The people of one page: each keeps the seat, and who speaks is brought into sight. */
export function usePage(
  peerIds: readonly string[],
  size: Size,
): Page & { readonly turnTo: (page: number) => void } {
  const [wanted, turnTo] = useState(0);
  const capacity = capacityOf(size);
  const hands = useLive((call) => call.hands);
  const dominant = useObservable(useCallParts().media.dominant);
  const [seats, setSeats] = useState({ order: peerIds, speaker: dominant });
  const raised = hands.filter((id) => peerIds.includes(id));
  const inView = (order: readonly string[]) =>
    pageOf([...raised, ...order.filter((id) => !raised.includes(id))], wanted, capacity);
  let order = seat(seats.order, peerIds);
  if (dominant !== seats.speaker) order = bringIn(order, dominant, inView(order).peerIds);
  if (order !== seats.order || dominant !== seats.speaker) setSeats({ order, speaker: dominant });
  return { ...inView(order), turnTo };
}
