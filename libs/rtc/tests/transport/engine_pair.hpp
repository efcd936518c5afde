// Two engines with a pipe between them, joined as the server's shell joins two workers.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "rtc/testing/datagrams.hpp"
#include "tests/transport/engine_fixture.hpp"

namespace rtc::testing {

class EnginePair {
 public:
  // Both ends of the pipe for a producer of `here`; as a producer of `there`.
  ProducerId pipe(ProducerId producer, std::optional<RoomId> room_there = std::nullopt) {
    Producer::Options options = here.producer(producer)->options();
    options.rtx_payload_type = 0;
    std::vector<std::uint32_t> ssrcs;
    for (ProducerStream::Options& stream : options.streams) {
      ssrcs.push_back(next_ssrc_++);
      stream.ssrc = ssrcs.back();
      stream.rtx_ssrc.reset();
    }
    produced = *there.produce(there.open_pipe(0), options, room_there);
    piped = *here.pipe(producer, here.open_pipe(1), ssrcs);
    return produced;
  }

  void receive(Instant now, const Path& from, Octets datagram) {
    here.handle_datagram(now, from, datagram, out_here);
  }

  // Timers, and what goes through the pipe, until there is no more; what leaves for elsewhere is
  // kept in `sent`.
  void settle(Instant now) {
    do {
      if (here.next_timeout() <= now) here.handle_timeout(now, out_here);
      if (there.next_timeout() <= now) there.handle_timeout(now, out_there);
      take(now, out_here, there, out_there, Path::pipe(0));
      take(now, out_there, here, out_here, Path::pipe(1));
      while (const auto event = there.poll_event()) {
        const auto* const wanted = std::get_if<EncodingsWanted>(&*event);
        if (wanted != nullptr && wanted->producer == produced) {
          const auto count = std::ranges::count(wanted->encodings, true);
          here.set_wanted(piped, static_cast<std::size_t>(count));
        } else {
          events.push_back(*event);
        }
      }
    } while (!out_here.empty() || !out_there.empty() || here.next_timeout() <= now);
  }

  std::vector<Octets> take_sent(std::uint16_t port) {
    std::vector<Octets> found;
    std::erase_if(sent, [&](auto& one) {
      if (one.first != path(port)) return false;
      found.push_back(std::move(one.second));
      return true;
    });
    return found;
  }

  MediaEngine here{Instant()};
  MediaEngine there{Instant()};
  Outbox out_here{512};
  Outbox out_there{512};
  std::vector<std::pair<Path, Octets>> sent;
  std::vector<EngineEvent> events;  // of `there`, for signalling
  ProducerId produced{};
  PipeId piped{};
  std::size_t through_pipe = 0;                          // datagrams from here to there
  std::function<bool()> is_full = [] { return false; };  // the pipe, for the next datagram

 private:
  void take(Instant now, Outbox& from, MediaEngine& to, Outbox& out, const Path& as) {
    std::vector<Octets> piped_through;
    for (const auto& slot : rtc::testing::datagrams_in(from)) {
      Octets datagram(slot.octets.begin(), slot.octets.end());
      if (!slot.path.is_pipe()) {
        sent.emplace_back(slot.path, std::move(datagram));
      } else if (!is_full()) {
        piped_through.push_back(std::move(datagram));
      }
    }
    from.clear();
    if (&to == &there) through_pipe += piped_through.size();
    for (Octets& datagram : piped_through) to.handle_datagram(now, as, datagram, out);
  }

  std::uint32_t next_ssrc_ = 70'000;
};

}  // namespace rtc::testing
