// The header extensions of what one receiver gets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "rtc/forward/rtp_transport.hpp"
#include "rtc/payload/dependency_descriptor.hpp"

namespace rtc {

// Filled anew for each packet, so nothing is set up twice: what every packet has stands in front
// for good, what one brings goes behind it.
class OutgoingExtensions {
 public:
  // As the receiver numbers them; `mid` is in every packet where its extension was negotiated.
  OutgoingExtensions(const RtpExtensionIds& ids, std::string mid);
  OutgoingExtensions(const OutgoingExtensions&) = delete;  // elements point into it
  OutgoingExtensions& operator=(const OutgoingExtensions&) = delete;

  // Those of a packet that came with `of_source`; nullptr: of one that is made here.
  void collect(const RtpExtensionValues* of_source);
  // The packet is of the frame `number`, and tells of the decode targets that are `active` where
  // those changed. `descriptor` is what was collected of it.
  void rewrite_dependencies(const DependencyDescriptor& descriptor, std::uint16_t number,
                            std::optional<std::uint32_t> active);
  // What was collected, until the next time.
  void put_into(OutgoingRtp& packet);

 private:
  struct Named {
    RtpExtension which;
    std::uint8_t id;
  };

  void add(std::uint8_t id, Bytes data) { elements_[count_++] = {id, data}; }

  std::string mid_;
  std::size_t count_ = 0;  // of this packet
  std::size_t always_ = 0;
  std::array<RtpExtensionElement, kHandedOn.size() + 3> elements_;
  std::array<Named, kHandedOn.size()> handed_on_{};
  std::size_t handed_on_count_ = 0;
  bool has_abs_send_time_ = false;
  bool has_transport_sequence_ = false;
  std::array<std::uint8_t, 2> transport_sequence_{};
  std::array<std::uint8_t, 3> abs_send_time_{};
  std::uint8_t dependencies_id_ = 0;  // 0: not negotiated
  std::array<std::uint8_t, 255> dependencies_{};
};

}  // namespace rtc
