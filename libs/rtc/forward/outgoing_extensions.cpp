#include "rtc/forward/outgoing_extensions.hpp"

#include <algorithm>
#include <utility>

namespace rtc {

OutgoingExtensions::OutgoingExtensions(const RtpExtensionIds& ids, std::string mid)
    : mid_(std::move(mid)), dependencies_id_(ids.id_of(RtpExtension::DependencyDescriptor)) {
  if (const auto id = ids.id_of(RtpExtension::Mid); id != 0 && !mid_.empty()) {
    add(id, bytes_of(mid_));
  }
  if (const auto id = ids.id_of(RtpExtension::AbsSendTime); id != 0) {
    add(id, abs_send_time_);
    has_abs_send_time_ = true;
  }
  if (const auto id = ids.id_of(RtpExtension::TransportSequence); id != 0) {
    add(id, transport_sequence_);
    has_transport_sequence_ = true;
  }
  always_ = count_;
  for (const RtpExtension which : kHandedOn) {
    const std::uint8_t id = ids.id_of(which);
    if (id != 0) handed_on_[handed_on_count_++] = {which, id};
  }
}

void OutgoingExtensions::collect(const RtpExtensionValues* of_source) {
  count_ = always_;
  if (of_source == nullptr) return;
  for (const auto& [which, id] : std::span(handed_on_).first(handed_on_count_)) {
    if (const auto& value = (*of_source)[which]) add(id, *value);
  }
}

void OutgoingExtensions::rewrite_dependencies(const DependencyDescriptor& descriptor,
                                              std::uint16_t number,
                                              std::optional<std::uint32_t> active) {
  if (dependencies_id_ == 0) return;
  const auto collected = std::span(elements_).first(count_).subspan(always_);
  const auto found = std::ranges::find(collected, dependencies_id_, &RtpExtensionElement::id);
  if (found == collected.end()) return;
  const MutableBytes buffer = dependencies_;
  Bytes written = buffer.first(found->data.size());
  if (active) {
    written = descriptor.write_active(found->data, *active, buffer);
  } else {
    std::ranges::copy(found->data, buffer.begin());
  }
  if (written.empty()) return;
  ByteWriter(buffer.subspan(1)).u16(number);  // it stands after an octet of flags
  found->data = written;
}

void OutgoingExtensions::put_into(OutgoingRtp& packet) {
  packet.extensions = std::span(elements_).first(count_);
  if (has_abs_send_time_) packet.abs_send_time = &abs_send_time_;
  if (has_transport_sequence_) packet.transport_sequence = &transport_sequence_;
}

}  // namespace rtc
