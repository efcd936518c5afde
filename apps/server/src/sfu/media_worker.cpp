#include "sfu/media_worker.hpp"

#include <pthread.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "rtc/stun/stun_view.hpp"

namespace server::sfu {

namespace {

// Datagrams that one packet may become before the outbox is emptied, and how full it may be before
// that is done within a batch.
constexpr std::size_t kOutboxSlots = 4096;
constexpr std::size_t kOutboxFlush = 2048;

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

// Until something comes or `until`; at once where that is past.
void wait(int epoll, Instant until) {
  std::array<epoll_event, 2> ready{};
  timespec timeout{};
  if (until != Instant::never()) {
    const auto left = std::max(until - clock_now(), Duration{0});
    timeout.tv_sec = left.count() / 1'000'000;
    timeout.tv_nsec = left.count() % 1'000'000 * 1000;
  }
  epoll_pwait2(epoll, ready.data(), ready.size(), until == Instant::never() ? nullptr : &timeout,
               nullptr);
}

// Staying on one core keeps its caches warm; where it is not allowed the worker runs as well.
void pin(std::thread& thread, unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(thread.native_handle(), sizeof set, &set);
}

}  // namespace

MediaWorker::MediaWorker(const MediaWorkerOptions& options)
    : reflector_(random_),
      engine_(clock_now()),
      outbox_(kOutboxSlots),
      udp_(options.listen_ip, options.port) {
  try {
    epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    wake_ = checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
    watch(epoll_, udp_.descriptor());
    watch(epoll_, wake_);
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    if (wake_ >= 0) close(wake_);
    if (epoll_ >= 0) close(epoll_);
    throw;
  }
  pthread_setname_np(thread_.native_handle(), "media");
  if (options.cpu) pin(thread_, *options.cpu);
}

MediaWorker::~MediaWorker() {
  stopping_ = true;
  // A counter that is full already wakes the thread as well.
  (void)eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  close(epoll_);
}

bool MediaWorker::post(Command command) {
  {
    const std::lock_guard lock(commands_mutex_);
    if (commands_.size() == kCommandsMax) return false;
    commands_.push_back(std::move(command));
  }
  (void)eventfd_write(wake_, 1);
  return true;
}

void MediaWorker::run() {
  while (!stopping_) {
    wait(epoll_, engine_.next_timeout());
    const Instant now = clock_now();
    run_commands(now);
    // A full batch means that more may wait, but timers and commands must not: epoll says again.
    const auto batch = udp_.receive();
    count(Count::Datagrams, batch.size());
    for (const Datagram& datagram : batch) {
      handle(now, datagram);
      if (outbox_.ready().size() >= kOutboxFlush) flush();
    }
    if (engine_.next_timeout() <= now) engine_.handle_timeout(now, outbox_);
    flush();
    publish();
  }
}

void MediaWorker::run_commands(Instant now) {
  eventfd_t ignored = 0;
  if (eventfd_read(wake_, &ignored) != 0) return;
  std::vector<Command> commands;
  {
    const std::lock_guard lock(commands_mutex_);
    commands.swap(commands_);
  }
  for (const Command& command : commands) command(now, engine_);
}

void MediaWorker::handle(Instant now, const Datagram& datagram) {
  if (rtc::looks_like_stun(datagram.data)) {
    handle_stun(now, datagram);
  } else {
    const rtc::Path path{.remote = datagram.from, .local = datagram.to};
    engine_.handle_datagram(now, path, datagram.data, outbox_);
  }
}

void MediaWorker::handle_stun(Instant now, const Datagram& datagram) {
  std::array<std::uint8_t, rtc::StunReflector::kAnswerMax> buffer;
  const auto answer = reflector_.answer(now, datagram.data, datagram.from, buffer);
  if (answer) {
    udp_.send(datagram.from, datagram.to, *answer);
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
  if (outbox_.ready().empty()) return;
  udp_.send(outbox_.ready());
  outbox_.clear();
  if (!udp_.is_segmenting() && !std::exchange(told_of_segmenting_, true)) {
    spdlog::warn("UDP_SEGMENT is refused here: media is sent one datagram a call");
  }
}

// What others count becomes visible to other threads.
void MediaWorker::publish() {
  using enum rtc::MediaDrop;
  const auto dropped = [&](rtc::MediaDrop reason) { return engine_.drops(reason); };
  set(Count::MediaMalformed, dropped(Malformed));
  set(Count::MediaUnexpected, dropped(NotMedia) + dropped(UnknownSender) + dropped(UnknownSsrc) +
                                  dropped(WrongPayloadType));
  set(Count::DroppedForged, dropped(NotAuthentic) + dropped(Duplicate));
  set(Count::DroppedOutbox, outbox_.dropped());
  set(Count::Sent, udp_.sent().datagrams);
  set(Count::SendCalls, udp_.sent().calls);
  set(Count::SendDropped, udp_.sent().dropped);
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
          .dropped_outbox = read(Count::DroppedOutbox),
          .sent = read(Count::Sent),
          .send_calls = read(Count::SendCalls),
          .send_dropped = read(Count::SendDropped)};
}

}  // namespace server::sfu
