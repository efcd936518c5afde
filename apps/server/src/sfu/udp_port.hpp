// The UDP socket of a media worker: batches of datagrams in and out, no protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/endpoint.hpp"
#include "rtc/transport/outbox.hpp"

namespace server::sfu {

// One datagram as it came; `data` is valid until the next receive().
struct Datagram {
  Endpoint from;
  IpAddress to;  // the address of ours that it was sent to, and that an answer must come from
  MutableBytes data;
};

// Non-blocking. Not thread-safe. Owns the socket. Takes several datagrams of one sender at once
// where the kernel merges them (UDP_GRO), and hands it several to one receiver at once where it
// splits them (UDP_SEGMENT). A run that it does not split, as on a path of a small MTU or through
// IPsec, goes one by one; others are not touched by that.
class UdpPort {
 public:
  static constexpr int kSocketBuffer = 4 * 1024 * 1024;  // octets asked for in each direction

  struct Sent {
    std::uint64_t datagrams = 0;
    std::uint64_t calls = 0;    // messages to the kernel: runs of datagrams to one receiver
    std::uint64_t dropped = 0;  // the kernel took them not: full buffer, no route
  };

  // See bind_socket().
  UdpPort(std::optional<IpAddress> listen, std::uint16_t port);
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  int descriptor() const { return socket_; }
  std::uint16_t port() const { return port_; }

  // Some of what has arrived; empty when nothing is there.
  std::span<Datagram> receive();

  // False when the system took nothing (full buffer, no route): UDP may lose it, so nobody retries.
  bool send(const Endpoint& to, const IpAddress& from, Bytes data);
  // All that go by UDP; to each receiver in their order.
  void send(std::span<const rtc::Outbox::Run> runs);

  const Sent& sent() const { return sent_; }
  // Datagrams that came while the receive buffer was full, as the latest one read tells of them.
  std::uint64_t overflows() const { return overflows_; }
  // False where the kernel does not know UDP_SEGMENT (before 4.18).
  bool is_segmenting() const { return is_segmenting_; }

 private:
  struct Receiving;
  struct Sending;

  // What the kernel is told to send from: nothing where the socket has but one address.
  IpAddress source(const IpAddress& local) const { return address_ ? IpAddress{} : local; }
  void chain(std::span<const rtc::Outbox::Run> runs);
  void add(const rtc::Outbox::Run& run, bool follows);
  void close_message();
  void send_one_by_one(std::size_t message);
  void flush();

  int socket_ = -1;
  std::uint16_t port_ = 0;
  bool is_ipv6_ = true;
  std::optional<IpAddress> address_;  // the only one that it is bound to
  bool is_segmenting_ = true;
  Sent sent_;
  std::uint64_t overflows_ = 0;
  std::unique_ptr<Receiving> receiving_;
  std::unique_ptr<Sending> sending_;
};

}  // namespace server::sfu
