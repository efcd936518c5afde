// The sockets around a program under measurement: one that feeds it, and many that receive from it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace bench {

// A socket on a free port of 127.0.0.1.
class Socket {
 public:
  Socket();
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }
  void merge();  // UDP_GRO
  void stamp();  // SO_TIMESTAMPNS

  // Octets of what came, which is thrown away; nullopt when nothing is there.
  std::optional<std::size_t> discard() const;

  struct Stamped {
    std::uint16_t sequence = 0;     // of RTP
    std::uint64_t nanoseconds = 0;  // when the kernel received it
  };
  std::optional<Stamped> receive_stamped() const;

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

// RTP of one stream, in bursts of packets that arrive together as the frames of a video do.
class Source {
 public:
  static constexpr std::uint32_t kSsrc = 1111;
  static constexpr std::uint8_t kPayloadType = 101;

  // `size` octets a packet, without what encryption adds.
  explicit Source(std::size_t size, std::uint32_t ssrc = kSsrc) : size_(size), ssrc_(ssrc) {}

  void send(std::uint16_t port, std::size_t packets);
  // The same burst to a port of our own, before it is sent.
  void copy_to(std::uint16_t port) { copy_to_ = port; }
  std::uint16_t next_sequence() const { return sequence_; }

 private:
  Socket socket_;
  std::size_t size_;
  std::uint32_t ssrc_;
  std::uint16_t copy_to_ = 0;
  std::uint16_t sequence_ = 1;
  std::uint32_t timestamp_ = 0;
  std::vector<std::uint8_t> burst_;
};

}  // namespace bench
