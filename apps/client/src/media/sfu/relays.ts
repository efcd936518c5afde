/**
 * Of these the relays alone: all that a way to the SFU, whose address is known, may need. And more would do harm: Chromium
 * takes whatever comes from the address of a STUN server for an answer of that one. The SFU's own STUN is at the port of its
 * media, so its answers to ICE checks over UDP would go unheard, and the call would be by TCP.
 */
export function relaysOf(servers: readonly RTCIceServer[]): RTCIceServer[] {
  return servers.flatMap((server) => {
    const urls = [server.urls].flat().filter((url) => /^turns?:/i.test(url));
    return urls.length > 0 ? [{ ...server, urls }] : [];
  });
}
