// A packet that is about to be sealed, and where it goes.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace rtc {

// `packet` begins with a header of `head_size` octets; behind it goes `plain`, encrypted, and a
// tag, for which there must be room. `plain` may lie there already. One structure for all of it,
// since what does not fit into the registers of a call costs more than the work here: a span that
// was just put on the stack in two halves cannot be read as one at once.
struct PlainRtp {
  MutableBytes packet;
  std::size_t head_size;
  Bytes plain;

  std::size_t size() const { return head_size + plain.size(); }  // octets, without the tag
};

}  // namespace rtc
