// Header extensions of RTP in their one-byte and two-byte forms (RFC 8285 section 4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace rtc {

struct RtpExtensionElement {
  std::uint8_t id = 0;  // 1 to 14 in the one-byte form, 1 to 255 in the two-byte form
  Bytes data;
};

// Walks the elements of one block. What does not fit ends the walk: the elements before it stay
// good, as RFC 8285 section 4.1 asks of a receiver.
class RtpExtensionReader {
 public:
  RtpExtensionReader(std::uint16_t profile, Bytes block) : profile_(profile), in_(block) {}

  std::optional<RtpExtensionElement> next();

 private:
  std::uint16_t profile_;
  ByteReader in_;
};

// Writes the extension block, its 4-octet header and padding included; nothing for no elements.
// The one-byte form is taken unless an element needs the other (id above 14, or other than 1 to 16
// octets). At most 255 octets an element.
void write_rtp_extensions(ByteWriter& out, std::span<const RtpExtensionElement> elements);

// The extensions that the engine knows the meaning of, or hands on by name.
enum class RtpExtension : std::uint8_t {
  Mid,                  // RFC 8843 section 15
  RtpStreamId,          // RFC 8852 section 3.1
  RepairedRtpStreamId,  // RFC 8852 section 3.2
  AbsSendTime,
  TransportSequence,   // transport-wide congestion control, version 01
  AudioLevel,          // RFC 6464
  VideoOrientation,    // 3GPP TS 26.114 section 7.4.5
  TransmissionOffset,  // RFC 5450
  AbsCaptureTime,
  PlayoutDelay,
  DependencyDescriptor,
  VideoLayersAllocation,
};
inline constexpr std::size_t kRtpExtensionCount = 12;

// What a receiver may use of what the source says of its packet.
inline constexpr std::array kHandedOn{RtpExtension::AudioLevel, RtpExtension::VideoOrientation,
                                      RtpExtension::AbsCaptureTime, RtpExtension::PlayoutDelay,
                                      RtpExtension::DependencyDescriptor};

// The extension of this URI, or nullopt for one that we do not know.
std::optional<RtpExtension> rtp_extension_of(std::string_view uri);
std::string_view uri_of(RtpExtension extension);

// Which id each extension was negotiated to have on one transport or for one stream.
class RtpExtensionIds {
 public:
  // False when the id is 0 or 15 (which RFC 8285 forbids) or taken by another.
  bool set(RtpExtension extension, std::uint8_t id);
  // 0 when it was not negotiated.
  std::uint8_t id_of(RtpExtension extension) const {
    return ids_[static_cast<std::size_t>(extension)];
  }
  std::optional<RtpExtension> extension_of(std::uint8_t id) const;

 private:
  static constexpr std::uint8_t kUnused = 0xFF;

  std::array<std::uint8_t, kRtpExtensionCount> ids_{};
  std::array<std::uint8_t, 256> extensions_ = [] {
    std::array<std::uint8_t, 256> table;
    table.fill(kUnused);
    return table;
  }();
};

// The values of one packet by their meaning; what is absent is nullopt. Of two elements with one
// id the first counts.
class RtpExtensionValues {
 public:
  static RtpExtensionValues read(std::uint16_t profile, Bytes block, const RtpExtensionIds& ids);

  const std::optional<Bytes>& operator[](RtpExtension extension) const {
    return values_[static_cast<std::size_t>(extension)];
  }

 private:
  std::array<std::optional<Bytes>, kRtpExtensionCount> values_;
};

}  // namespace rtc
