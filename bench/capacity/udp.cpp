#include "udp.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "base/bytes.hpp"

namespace bench {

namespace {

constexpr int kBuffer = 4 * 1024 * 1024;  // octets

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Socket::Socket() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof kBuffer);
  if (bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no socket");
  }
  port_ = ntohs(address.sin_port);
}

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), port_(other.port_) {}

void Socket::merge() {
  const int on = 1;
  setsockopt(descriptor_, SOL_UDP, UDP_GRO, &on, sizeof on);
}

void Socket::stamp() {
  const int on = 1;
  setsockopt(descriptor_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::optional<std::size_t> Socket::discard() const {
  const ssize_t size = recv(descriptor_, nullptr, 0, MSG_TRUNC);
  return size > 0 ? std::optional(static_cast<std::size_t>(size)) : std::nullopt;
}

std::optional<Socket::Stamped> Socket::receive_stamped() const {
  std::array<std::uint8_t, 12> head{};
  iovec vector{head.data(), head.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 128> control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(descriptor_, &message, 0) < 4) return std::nullopt;
  Stamped stamped{.sequence = ByteReader(Bytes(head).subspan(2)).u16()};
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(part), sizeof time);
    stamped.nanoseconds = static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
                          static_cast<std::uint64_t>(time.tv_nsec);
  }
  return stamped;
}

void Source::send(std::uint16_t port, std::size_t packets) {
  burst_.assign(packets * size_, 0x5A);
  timestamp_ += 3000;
  for (std::size_t i = 0; i < packets; ++i) {
    ByteWriter out(MutableBytes(burst_).subspan(i * size_));
    out.u8(0x80);
    out.u8(static_cast<std::uint8_t>(kPayloadType | (i + 1 == packets ? 0x80U : 0U)));
    out.u16(sequence_++);
    out.u32(timestamp_);
    out.u32(ssrc_);
  }
  for (const std::uint16_t to : {copy_to_, port}) {
    if (to == 0) continue;
    sockaddr_in address = loopback(to);
    iovec vector{burst_.data(), burst_.size()};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    msghdr message{};
    message.msg_name = &address;
    message.msg_namelen = sizeof address;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (packets > 1) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const part = CMSG_FIRSTHDR(&message);
      part->cmsg_level = SOL_UDP;
      part->cmsg_type = UDP_SEGMENT;
      part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto segment = static_cast<std::uint16_t>(size_);
      std::memcpy(CMSG_DATA(part), &segment, sizeof segment);
    }
    (void)sendmsg(socket_.descriptor(), &message, 0);
  }
}

}  // namespace bench
