// What an outbox holds, one datagram after the other.
#pragma once

#include <vector>

#include "rtc/transport/outbox.hpp"

namespace rtc::testing {

struct OutgoingDatagram {
  Path path;
  Bytes octets;  // valid until the outbox changes
};

inline std::vector<OutgoingDatagram> datagrams_in(Outbox& out) {
  std::vector<OutgoingDatagram> datagrams;
  for (const Outbox::Run& run : out.ready()) {
    run.for_each([&](Bytes octets) { datagrams.push_back({run.path, octets}); });
  }
  return datagrams;
}

}  // namespace rtc::testing
