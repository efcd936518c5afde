// How many DTLS handshakes may be under way at once, over all transports of an engine.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/endpoint.hpp"
#include "base/time.hpp"

namespace rtc {

class DtlsTransport;

// Each handshake holds a slot from its first flight to its end. Where all are taken, a first flight
// is dropped, and the client repeats it (RFC 6347 section 4.2.4); but a network that holds more
// slots than the one that asks loses its oldest handshake, as soon as that is older than an honest
// one becomes. So a flood from one network delays that network alone.
class HandshakeSlots {
 public:
  // A handshake takes two round trips, say 300 ms: so many at once are 850 a second, as many as one
  // core computes. More would only take memory.
  static constexpr std::size_t kMax = 256;
  static constexpr Duration kPatience = std::chrono::seconds{2};

  // False, counted, when there is none for a handshake of `dtls` with somebody at `address`. Until
  // release(), the slots may end it by DtlsTransport::give_up().
  bool take(Instant now, const IpAddress& address, DtlsTransport& dtls);
  // Nothing when it holds none.
  void release(const DtlsTransport& dtls);

  std::size_t taken() const { return holders_.size(); }
  std::uint64_t refused() const { return refused_; }
  // Handshakes that were ended for another.
  std::uint64_t ended() const { return ended_; }

 private:
  struct Holder {
    IpAddress network;
    Instant since;
    DtlsTransport* dtls;
  };
  bool make_room(Instant now, const IpAddress& network);
  void remove(std::vector<Holder>::iterator holder);

  std::vector<Holder> holders_;  // the oldest first
  std::map<IpAddress, std::size_t> per_network_;
  std::uint64_t refused_ = 0;
  std::uint64_t ended_ = 0;
};

}  // namespace rtc
