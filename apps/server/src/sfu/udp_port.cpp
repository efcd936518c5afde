#include "sfu/udp_port.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "sfu/bound_socket.hpp"
#include "sfu/socket_address.hpp"

namespace server::sfu {

namespace {

constexpr std::size_t kReceiveBatch = 16;      // messages of one receive()
constexpr std::size_t kMessageMax = 65535;     // octets: what the kernel merges into one
constexpr std::size_t kSegmentsMax = 64;       // datagrams of one message, as the kernel has it
constexpr std::size_t kSendBatch = 64;         // messages of one sendmmsg()
constexpr std::size_t kRunOctetsMax = 65'000;  // of one message, below the limit of UDP

}  // namespace

struct UdpPort::Receiving {
  std::array<std::array<std::uint8_t, kMessageMax>, kReceiveBatch> buffers;
  alignas(cmsghdr) std::array<std::array<std::uint8_t, kControlSize>, kReceiveBatch> controls;
  std::array<sockaddr_storage, kReceiveBatch> senders;
  std::array<iovec, kReceiveBatch> vectors;
  std::array<mmsghdr, kReceiveBatch> messages;
  std::array<Datagram, kReceiveBatch * kSegmentsMax> datagrams;

  // The kernel writes to what describes a message, so that is set again when one came.
  void prepare(std::size_t i) {
    vectors[i] = {buffers[i].data(), kMessageMax};
    messages[i] = {};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = &senders[i];
    header.msg_namelen = sizeof senders[i];
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = controls[i].data();
    header.msg_controllen = kControlSize;
  }
};

struct UdpPort::Sending {
  // Runs to one receiver, chained by their indices: the order stays, and nothing is sorted.
  struct Chain {
    std::size_t first;
    std::size_t last;
  };
  // Datagrams of one size, but for the last, which may be shorter.
  struct Message {
    const rtc::Path* path;
    std::size_t segment_size;  // octets of each but the last
    std::size_t count = 0;     // datagrams
    std::size_t octets = 0;
    std::size_t pieces = 0;  // of memory

    bool has_room_for(std::size_t size) const {
      return count < kSegmentsMax && size <= segment_size && octets == count * segment_size &&
             octets + size <= kRunOctetsMax;
    }
  };
  static constexpr std::size_t kBuckets = 16'384;
  static constexpr std::uint32_t kNone = ~0U;

  std::vector<Chain> chains;
  std::vector<std::size_t> next;                // of each run, the next one to its receiver
  std::array<std::uint32_t, kBuckets> buckets;  // chains by the hash of their path
  std::vector<std::size_t> used_buckets;

  std::size_t count = 0;  // messages that wait for flush()
  std::array<Message, kSendBatch> made;
  std::array<mmsghdr, kSendBatch> messages;
  std::array<sockaddr_storage, kSendBatch> receivers;
  alignas(cmsghdr) std::array<std::array<std::uint8_t, kControlSize>, kSendBatch> controls;
  std::array<std::array<iovec, kSegmentsMax>, kSendBatch> vectors;
};

UdpPort::UdpPort(std::optional<IpAddress> listen, std::uint16_t port)
    : receiving_(std::make_unique<Receiving>()), sending_(std::make_unique<Sending>()) {
  sending_->buckets.fill(Sending::kNone);
  const BoundSocket bound = bind_socket(SOCK_DGRAM, listen, port);
  socket_ = bound.descriptor;
  is_ipv6_ = bound.is_ipv6;
  port_ = bound.port;
  if (listen && !listen->is_unspecified()) address_ = listen;
  for (std::size_t i = 0; i < kReceiveBatch; ++i) receiving_->prepare(i);
  try {
    // With one address all that comes is to it, and all that goes is from it: no need to say so.
    if (!address_ && is_ipv6_) {
      set_option(socket_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
    } else if (!address_) {
      set_option(socket_, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
    }
    // The system gives what its limits allow; less is no error.
    set_option(socket_, SOL_SOCKET, SO_RCVBUF, kSocketBuffer, "SO_RCVBUF");
    set_option(socket_, SOL_SOCKET, SO_SNDBUF, kSocketBuffer, "SO_SNDBUF");
    set_option(socket_, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
  } catch (...) {
    close(socket_);
    throw;
  }
  const int segment = 0;  // none, unless a message asks for it
  is_segmenting_ = setsockopt(socket_, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) == 0;
  // Kernels before 5.0 do not merge; datagrams then come one by one, which is as well.
  const int merge = 1;
  (void)setsockopt(socket_, SOL_UDP, UDP_GRO, &merge, sizeof merge);
}

UdpPort::~UdpPort() { close(socket_); }

std::span<Datagram> UdpPort::receive() {
  Receiving& batch = *receiving_;
  // An error is either "nothing there" or belongs to an earlier send; neither needs an answer.
  const int count = recvmmsg(socket_, batch.messages.data(), kReceiveBatch, MSG_DONTWAIT, nullptr);
  std::size_t kept = 0;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Endpoint from = from_sockaddr(batch.senders[at]);
    const ReceivedControl control = read_control(batch.messages[at].msg_hdr);
    // The kernel counts in 32 bits, and says nothing while that is 0.
    if (control.overflows > 0) {
      overflows_ += static_cast<std::uint32_t>(control.overflows - overflows_);
    }
    MutableBytes rest = MutableBytes(batch.buffers[at]).first(batch.messages[at].msg_len);
    const std::size_t step = control.segment_size > 0 ? control.segment_size : rest.size();
    do {
      const std::size_t size = std::min(step, rest.size());
      batch.datagrams[kept++] = {
          .from = from, .to = address_.value_or(control.to), .data = rest.first(size)};
      rest = rest.subspan(size);
    } while (!rest.empty() && kept < batch.datagrams.size());
    batch.prepare(at);
  }
  return std::span(batch.datagrams).first(kept);
}

bool UdpPort::send(const Endpoint& to, const IpAddress& from, Bytes data) {
  sockaddr_storage address{};
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control{};
  iovec vector{const_cast<std::uint8_t*>(data.data()), data.size()};
  msghdr message{};
  message.msg_namelen = to_sockaddr(to, is_ipv6_, address);
  message.msg_name = &address;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  write_control(message, source(from), is_ipv6_, 0);
  return sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void UdpPort::send(std::span<const rtc::Outbox::Run> runs) {
  chain(runs);
  for (const Sending::Chain& chain : sending_->chains) {
    for (std::size_t i = chain.first; i < runs.size(); i = sending_->next[i]) {
      add(runs[i], i != chain.first);
    }
    close_message();
  }
  flush();
}

void UdpPort::chain(std::span<const rtc::Outbox::Run> runs) {
  Sending& batch = *sending_;
  batch.chains.clear();
  batch.next.assign(runs.size(), runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].path.connection != 0) continue;  // of TCP
    std::size_t bucket = std::hash<rtc::Path>{}(runs[i].path) % Sending::kBuckets;
    // More receivers than buckets cannot be: outboxes are smaller.
    while (batch.buckets[bucket] != Sending::kNone &&
           runs[batch.chains[batch.buckets[bucket]].first].path != runs[i].path) {
      bucket = (bucket + 1) % Sending::kBuckets;
    }
    if (batch.buckets[bucket] == Sending::kNone) {
      batch.buckets[bucket] = static_cast<std::uint32_t>(batch.chains.size());
      batch.used_buckets.push_back(bucket);
      batch.chains.push_back({i, i});
    } else {
      Sending::Chain& chain = batch.chains[batch.buckets[bucket]];
      batch.next[chain.last] = i;
      chain.last = i;
    }
  }
  for (const std::size_t bucket : batch.used_buckets) batch.buckets[bucket] = Sending::kNone;
  batch.used_buckets.clear();
}

// `follows`: the message before is to the same receiver, and still open.
void UdpPort::add(const rtc::Outbox::Run& run, bool follows) {
  Sending& batch = *sending_;
  const std::uint8_t* from = run.octets.data();
  for (auto sizes = run.sizes; !sizes.empty();) {
    const bool continues =
        follows && is_segmenting_ && batch.made[batch.count - 1].has_room_for(sizes[0]);
    if (!continues) {
      if (follows) close_message();
      if (batch.count == kSendBatch) flush();
      batch.made[batch.count++] = {.path = &run.path, .segment_size = sizes[0]};
      follows = true;
    }
    Sending::Message message = batch.made[batch.count - 1];
    const std::size_t before = message.octets;
    do {
      message.octets += sizes[0];
      ++message.count;
      sizes = sizes.subspan(1);
    } while (!sizes.empty() && is_segmenting_ && message.has_room_for(sizes[0]));
    const std::size_t octets = message.octets - before;
    batch.vectors[batch.count - 1][message.pieces++] = {const_cast<std::uint8_t*>(from), octets};
    batch.made[batch.count - 1] = message;
    from += octets;
  }
}

void UdpPort::close_message() {
  Sending& batch = *sending_;
  const std::size_t at = batch.count - 1;
  const Sending::Message& made = batch.made[at];
  batch.messages[at] = {};
  msghdr& message = batch.messages[at].msg_hdr;
  message.msg_namelen = to_sockaddr(made.path->remote, is_ipv6_, batch.receivers[at]);
  message.msg_name = &batch.receivers[at];
  message.msg_iov = batch.vectors[at].data();
  message.msg_iovlen = made.pieces;
  batch.controls[at] = {};
  message.msg_control = batch.controls[at].data();
  message.msg_controllen = kControlSize;
  write_control(message, source(made.path->local), is_ipv6_,
                made.count > 1 ? made.segment_size : 0);
}

// The datagrams of a message of several.
void UdpPort::send_one_by_one(std::size_t message) {
  Sending& batch = *sending_;
  msghdr one = batch.messages[message].msg_hdr;
  const std::span pieces(one.msg_iov, one.msg_iovlen);
  one.msg_controllen -= CMSG_SPACE(sizeof(std::uint16_t));  // the segment size stands last
  for (const iovec& piece : pieces) {
    for (std::size_t at = 0; at < piece.iov_len;) {
      const std::size_t size = std::min(piece.iov_len - at, batch.made[message].segment_size);
      iovec datagram{static_cast<std::uint8_t*>(piece.iov_base) + at, size};
      one.msg_iov = &datagram;
      one.msg_iovlen = 1;
      const bool is_sent = sendmsg(socket_, &one, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
      ++(is_sent ? sent_.datagrams : sent_.dropped);
      ++sent_.calls;
      at += size;
    }
  }
}

void UdpPort::flush() {
  Sending& batch = *sending_;
  for (std::size_t at = 0; at < batch.count;) {
    const int done = sendmmsg(socket_, batch.messages.data() + at,
                              static_cast<unsigned>(batch.count - at), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done > 0) {
      for (int i = 0; i < done; ++i) sent_.datagrams += batch.made[at++].count;
      sent_.calls += static_cast<std::uint64_t>(done);
      continue;
    }
    // The first one was refused. A run that cannot be split goes one by one: EINVAL, on newer
    // kernels EMSGSIZE, where a datagram is longer than the path's MTU, EIO where IPsec is in the
    // way.
    const bool cannot_split =
        batch.made[at].count > 1 && (errno == EIO || errno == EINVAL || errno == EMSGSIZE);
    if (cannot_split) {
      send_one_by_one(at);
    } else {
      sent_.dropped += batch.made[at].count;
    }
    ++at;
  }
  batch.count = 0;
}

}  // namespace server::sfu
