#include "sfu/media_worker.hpp"

#include <pthread.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <span>
#include <system_error>
#include <utility>

#include "rtc/stun/stun_view.hpp"

namespace server::sfu {

namespace {

// Datagrams that the outbox holds, and of how many room must be left: with less it is emptied
// within a batch.
constexpr std::size_t kOutboxSlots = 8192;
constexpr std::size_t kOutboxFlush = 6144;
constexpr int kPortTries = 32;

Instant clock_now() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return Instant::at(std::chrono::duration_cast<Duration>(since_boot));
}

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::system_category(), what);
  return result;
}

void watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  checked(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
}

// The descriptors that have something to read, of those that are watched.
class Ready {
 public:
  // Until something comes or `until`; at once where that is past.
  Ready(int epoll, Instant until);
  bool has(int descriptor) const {
    return std::ranges::any_of(std::span(events_).first(count_), [&](const epoll_event& event) {
      return event.data.fd == descriptor;
    });
  }

 private:
  std::array<epoll_event, 3> events_{};
  std::size_t count_ = 0;
};

Ready::Ready(int epoll, Instant until) {
  const bool for_ever = until == Instant::never();
  const auto left = for_ever ? Duration{0} : std::max(until - clock_now(), Duration{0});
  const timespec timeout{.tv_sec = left.count() / 1'000'000,
                         .tv_nsec = left.count() % 1'000'000 * 1000};
  const auto size = static_cast<int>(events_.size());
  int count = epoll_pwait2(epoll, events_.data(), size, for_ever ? nullptr : &timeout, nullptr);
  if (count < 0 && errno == ENOSYS) {
    // Linux before 5.11, or what keeps the call from us: whole milliseconds, and none too early.
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left);
    const auto most = std::chrono::milliseconds(std::chrono::minutes{1});
    const auto wait = static_cast<int>(std::min(whole, most).count());
    count = epoll_wait(epoll, events_.data(), size, for_ever ? -1 : wait);
  }
  if (count > 0) count_ = static_cast<std::size_t>(count);
}

// Staying on one core keeps its caches warm; where it is not allowed the worker runs as well.
void pin(std::thread& thread, unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

}  // namespace

// Both protocols have one number; where any will do, one that is free for both is looked for.
MediaWorker::Ports MediaWorker::open_ports(const MediaWorkerOptions& options) {
  for (int tries = 1;; ++tries) {
    auto udp = std::make_unique<UdpPort>(options.listen_ip, options.port);
    try {
      auto tcp = std::make_unique<IceTcpPort>(options.listen_ip, udp->port());
      return {std::move(udp), std::move(tcp)};
    } catch (const std::system_error&) {
      if (options.port != 0 || tries == kPortTries) throw;
    }
  }
}

MediaWorker::MediaWorker(const MediaWorkerOptions& options)
    : reflector_(random_),
      engine_(clock_now()),
      outbox_(kOutboxSlots),
      ports_(open_ports(options)),
      on_event_(options.on_event),
      number_(options.number),
      wake_(std::make_shared<WakeUp>()) {
  tcp_receiver_ = {
      .on_packet =
          [this](const rtc::Path& from, MutableBytes packet) {
            engine_.handle_datagram(now_, from, packet, outbox_);
            if (outbox_.free_slots() < kOutboxFlush) flush();
          },
      .on_closed = [this](const rtc::Path& from) { engine_.forget(from); },
  };
  try {
    epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(epoll_, ports_.udp->descriptor());
    watch(epoll_, ports_.tcp->descriptor());
    watch(epoll_, wake_->descriptor());
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    if (epoll_ >= 0) close(epoll_);
    throw;
  }
  pthread_setname_np(thread_.native_handle(), "media");
  if (options.cpu) pin(thread_, *options.cpu);
}

MediaWorker::~MediaWorker() {
  stopping_ = true;
  wake_->call();
  thread_.join();
  close(epoll_);
}

bool MediaWorker::post(Command command) {
  {
    const std::lock_guard lock(commands_mutex_);
    if (commands_.size() == kCommandsMax) return false;
    commands_.push_back(std::move(command));
  }
  wake_->call();
  return true;
}

void MediaWorker::post_even_if_full(Command command) {
  {
    const std::lock_guard lock(commands_mutex_);
    commands_.push_back(std::move(command));
  }
  wake_->call();
}

void MediaWorker::connect(MediaWorker& other) {
  const auto there = std::make_shared<PacketRing>(other.wake_);
  const auto back = std::make_shared<PacketRing>(wake_);
  const auto add = [](MediaWorker& worker, const Pipe& pipe) {
    worker.post_even_if_full([&worker, pipe](Instant, rtc::MediaEngine&, rtc::Outbox&) {
      worker.pipes_.push_back(pipe);
    });
  };
  add(*this, {.number = other.number_, .in = back, .out = there});
  add(other, {.number = number_, .in = there, .out = back});
}

void MediaWorker::run() {
  while (!stopping_) {
    // A call into the kernel costs about as much as a packet: none without need.
    const Ready ready(epoll_, std::min(engine_.next_timeout(), ports_.tcp->next_timeout()));
    now_ = clock_now();
    if (ready.has(wake_->descriptor())) run_commands(now_);
    receive(now_, ready.has(ports_.udp->descriptor()));
    if (ready.has(ports_.tcp->descriptor())) ports_.tcp->receive(now_, tcp_receiver_);
    if (engine_.next_timeout() <= now_) engine_.handle_timeout(now_, outbox_);
    ports_.tcp->handle_timeout(now_, tcp_receiver_);
    flush();
    close_ended();
    while (const auto event = engine_.poll_event()) {
      if (on_event_) on_event_(*event);
    }
    publish();
  }
}

// A full batch means that more may wait, but timers and commands must not: epoll says again.
void MediaWorker::receive(Instant now, bool has_datagrams) {
  const auto batch = has_datagrams ? ports_.udp->receive() : std::span<Datagram>();
  count(Count::Datagrams, batch.size());
  engine_.begin_batch();
  for (const Datagram& datagram : batch) {
    handle(now, datagram);
    if (outbox_.free_slots() < kOutboxFlush) flush();
  }
  receive_pipes(now);
  engine_.end_batch(now, outbox_);
  flush();
  for (Pipe& pipe : pipes_) pipe.in->release(std::exchange(pipe.taken, 0));
}

// What is there already; for what comes meanwhile there is another call.
void MediaWorker::receive_pipes(Instant now) {
  for (Pipe& pipe : pipes_) {
    pipe.taken = pipe.in->readable();
    for (std::size_t i = 0; i < pipe.taken; ++i) {
      engine_.handle_datagram(now, rtc::Path::pipe(pipe.number), pipe.in->at(i), outbox_);
      if (outbox_.free_slots() < kOutboxFlush) flush();
    }
  }
}

void MediaWorker::run_commands(Instant now) {
  (void)wake_->take();
  std::vector<Command> commands;
  {
    const std::lock_guard lock(commands_mutex_);
    commands.swap(commands_);
  }
  for (const Command& command : commands) command(now, engine_, outbox_);
}

void MediaWorker::handle(Instant now, const Datagram& datagram) {
  const rtc::Path path{.remote = datagram.from, .local = datagram.to};
  if (!engine_.handle_datagram(now, path, datagram.data, outbox_)) reflect(now, datagram);
}

void MediaWorker::reflect(Instant now, const Datagram& datagram) {
  std::array<std::uint8_t, rtc::StunReflector::kAnswerMax> buffer;
  const auto answer = reflector_.answer(now, datagram.data, datagram.from, buffer);
  if (answer) {
    ports_.udp->send(datagram.from, datagram.to, *answer);
    count(Count::StunAnswers);
    return;
  }
  switch (answer.error()) {
    case rtc::StunReflector::Refusal::Malformed:
      count(Count::StunMalformed);
      break;
    case rtc::StunReflector::Refusal::NotForUs:
      count(Count::StunUnexpected);
      break;
    case rtc::StunReflector::Refusal::OverBudget:
      count(Count::StunOverBudget);
      break;
  }
}

void MediaWorker::flush() {
  if (outbox_.empty()) return;
  ports_.udp->send(outbox_.ready());
  if (ports_.tcp->connection_count() > 0) {
    for (const rtc::Outbox::Run& run : outbox_.ready()) {
      if (run.path.connection == 0) continue;
      run.for_each([&](Bytes datagram) { ports_.tcp->send(now_, run.path, datagram); });
    }
  }
  if (!pipes_.empty()) flush_pipes();
  outbox_.clear();
  if (!ports_.udp->is_segmenting() && !std::exchange(told_of_segmenting_, true)) {
    spdlog::warn("UDP_SEGMENT is refused here: media is sent one datagram a call");
  }
}

// After the farewells of their transports.
void MediaWorker::close_ended() {
  while (const auto path = engine_.poll_ended()) {
    ports_.tcp->end(path->connection, tcp_receiver_);
  }
}

void MediaWorker::flush_pipes() {
  for (const rtc::Outbox::Run& run : outbox_.ready()) {
    if (!run.path.is_pipe()) continue;
    const auto pipe = std::ranges::find(pipes_, run.path.remote.port, &Pipe::number);
    run.for_each([&](Bytes datagram) {
      const bool is_taken = pipe != pipes_.end() && pipe->out->put(datagram);
      if (!is_taken) count(Count::PipeDropped);
    });
  }
  for (const Pipe& pipe : pipes_) pipe.out->publish();
}

// What others count becomes visible to other threads.
void MediaWorker::publish() {
  using enum rtc::MediaDrop;
  const auto dropped = [&](rtc::MediaDrop reason) { return engine_.drops(reason); };
  set(Count::MediaMalformed, dropped(Malformed));
  set(Count::MediaUnexpected, dropped(NotMedia) + dropped(UnknownSender) + dropped(UnknownSsrc) +
                                  dropped(WrongPayloadType));
  set(Count::DroppedForged, dropped(NotAuthentic) + dropped(BadCheck) + dropped(Duplicate));
  set(Count::DroppedOverBudget, dropped(OverBudget));
  set(Count::DroppedFeedback, dropped(FeedbackOverBudget));
  set(Count::DroppedKeyFrames, dropped(TooOften));
  set(Count::DroppedResends, dropped(ResendOverBudget));
  set(Count::DroppedHandshakes, engine_.handshakes().refused());
  set(Count::DroppedTooMuch, outbox_.refused());
  set(Count::DroppedOutbox, outbox_.dropped());
  set(Count::Sent, ports_.udp->sent().datagrams);
  set(Count::SendCalls, ports_.udp->sent().calls);
  set(Count::SendDropped, ports_.udp->sent().dropped);
  set(Count::ReceiveDropped, ports_.udp->overflows());
  set(Count::TcpConnections, ports_.tcp->connection_count());
  set(Count::TcpRefused, ports_.tcp->refused());
  set(Count::Transports, engine_.transport_count());
  set(Count::Producers, engine_.producer_count());
  set(Count::Consumers, engine_.consumer_count());
  set(Count::Pipes, engine_.pipe_count());
}

void MediaWorker::count(Count what, std::uint64_t by) { set(what, read(what) + by); }

void MediaWorker::set(Count what, std::uint64_t value) {
  counters_[static_cast<std::size_t>(what)].store(value, std::memory_order_relaxed);
}

std::uint64_t MediaWorker::read(Count what) const {
  return counters_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
}

MediaWorker::Counters MediaWorker::counters() const {
  return {.datagrams = read(Count::Datagrams),
          .stun_answers = read(Count::StunAnswers),
          .stun_over_budget = read(Count::StunOverBudget),
          .dropped_malformed = read(Count::StunMalformed) + read(Count::MediaMalformed),
          .dropped_unexpected = read(Count::StunUnexpected) + read(Count::MediaUnexpected),
          .dropped_forged = read(Count::DroppedForged),
          .dropped_over_budget = read(Count::DroppedOverBudget),
          .dropped_feedback = read(Count::DroppedFeedback),
          .dropped_key_frames = read(Count::DroppedKeyFrames),
          .dropped_resends = read(Count::DroppedResends),
          .dropped_handshakes = read(Count::DroppedHandshakes),
          .dropped_too_much = read(Count::DroppedTooMuch),
          .dropped_outbox = read(Count::DroppedOutbox),
          .sent = read(Count::Sent),
          .send_calls = read(Count::SendCalls),
          .send_dropped = read(Count::SendDropped),
          .receive_dropped = read(Count::ReceiveDropped),
          .tcp_connections = read(Count::TcpConnections),
          .tcp_refused = read(Count::TcpRefused),
          .transports = read(Count::Transports),
          .producers = read(Count::Producers),
          .consumers = read(Count::Consumers),
          .pipes = read(Count::Pipes),
          .pipe_dropped = read(Count::PipeDropped)};
}

MediaWorker::Counters& MediaWorker::Counters::operator+=(const Counters& other) {
  datagrams += other.datagrams;
  stun_answers += other.stun_answers;
  stun_over_budget += other.stun_over_budget;
  dropped_malformed += other.dropped_malformed;
  dropped_unexpected += other.dropped_unexpected;
  dropped_forged += other.dropped_forged;
  dropped_over_budget += other.dropped_over_budget;
  dropped_feedback += other.dropped_feedback;
  dropped_key_frames += other.dropped_key_frames;
  dropped_resends += other.dropped_resends;
  dropped_handshakes += other.dropped_handshakes;
  dropped_too_much += other.dropped_too_much;
  dropped_outbox += other.dropped_outbox;
  sent += other.sent;
  send_calls += other.send_calls;
  send_dropped += other.send_dropped;
  receive_dropped += other.receive_dropped;
  tcp_connections += other.tcp_connections;
  tcp_refused += other.tcp_refused;
  transports += other.transports;
  producers += other.producers;
  consumers += other.consumers;
  pipes += other.pipes;
  pipe_dropped += other.pipe_dropped;
  return *this;
}

}  // namespace server::sfu
