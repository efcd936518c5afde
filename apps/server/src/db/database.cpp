#include "db/database.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "telemetry/log.hpp"

namespace server::db {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

DbError unavailable(std::string message) {
  return {DbError::Kind::Unavailable, std::move(message)};
}

}  // namespace

DbError current_db_error() {
  try {
    throw;
  } catch (const DbException& error) {
    return error.error();
  } catch (const std::exception& error) {
    return {DbError::Kind::Failed, error.what()};
  }
}

// The pool's threads, the lanes before them, and what they know together of the database.
class Database::Threads {
 public:
  explicit Threads(DatabaseOptions options)
      : options_(std::move(options)),
        one_writer_(options_.url.kind == DatabaseUrl::Kind::Sqlite),
        running_(static_cast<std::size_t>(options_.connections) + (one_writer_ ? 1 : 0)) {
    for (std::size_t i = 0; i < running_.size(); ++i) {
      Lane& lane = one_writer_ && i == 0 ? writers_ : lane_;
      threads_.emplace_back([this, i, &lane] { serve(i, lane); });
    }
    threads_.emplace_back([this] { watch(); });
  }

  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    for (Lane* lane : {&lane_, &writers_}) lane->work_here.notify_all();
    stop_watching_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    for (const Lane* lane : {&lane_, &writers_}) {
      for (const Waiting& waiting : lane->queue) waiting.job->fail(unavailable("stopping"));
    }
  }

  void submit(std::shared_ptr<Job> job, Access access) {
    Lane& lane = one_writer_ && access == Access::Write ? writers_ : lane_;
    {
      const std::lock_guard lock(mutex_);
      const bool accepts = !stopping_ && lane.queue.size() < options_.queue_max;
      if (accepts) {
        lane.queue.push_back(
            {std::move(job), std::chrono::steady_clock::now() + options_.deadline});
      }
    }
    if (job) {
      job->fail(unavailable("too much work waits"));
    } else {
      lane.work_here.notify_one();
    }
  }

 private:
  struct Waiting {
    std::shared_ptr<Job> job;
    SteadyTime deadline;
  };
  // Work for the same threads, in the order in which it came.
  struct Lane {
    std::deque<Waiting> queue;  // bound: options_.queue_max; beyond it refused
    std::condition_variable work_here;
  };
  using Open = std::unique_ptr<Connection>;

  void serve(std::size_t slot, Lane& lane) {
    Open connection;
    std::uint64_t generation = 0;  // of the connection: how many had been lost when it was opened
    std::unique_lock lock(mutex_);
    while (true) {
      lane.work_here.wait(lock, [&] { return stopping_ || !lane.queue.empty(); });
      if (stopping_) return;
      running_[slot] = std::move(lane.queue.front());
      lane.queue.pop_front();
      std::shared_ptr<Job> job = running_[slot]->job;
      const std::uint64_t lost = lost_;
      lock.unlock();
      if (generation != lost) connection.reset();
      generation = lost;
      if (!connection) connection = open();
      if (connection) {
        const std::uint64_t foreign_locks = connection->foreign_locks();
        job->work(*connection);
        const bool gave_up_on_lock = connection->foreign_locks() != foreign_locks;
        if (gave_up_on_lock && &lane == &writers_) refuse_waiting_writers();
        if (!connection->alive()) {
          connection.reset();
          note_lost(lost);
        }
      } else {
        job->fail(unavailable("not connected"));
      }
      lock.lock();
      running_[slot].reset();
      lock.unlock();
      job.reset();  // what the work owns goes without the lock
      lock.lock();
    }
  }

  // Another program's lock outlasted a writer's patience: those that waited behind it give up too,
  // instead of waiting as long again.
  void refuse_waiting_writers() {
    std::deque<Waiting> refused;
    {
      const std::lock_guard lock(mutex_);
      refused.swap(writers_.queue);
    }
    for (const Waiting& waiting : refused) {
      waiting.job->fail(unavailable("locked by another program"));
    }
  }

  // When one connection is lost the others are not trusted either: the server restarted.
  void note_lost(std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    if (lost_ != generation) return;
    ++lost_;
    log::warn("database connection lost");
  }

  Open open() {
    {
      const std::lock_guard lock(mutex_);
      const SteadyTime now = std::chrono::steady_clock::now();
      if (now < next_attempt_) return nullptr;
      // Only one thread tries while the database is away; the rest answer at once.
      if (back_off_ > milliseconds(0))
        next_attempt_ = now + std::max(back_off_, milliseconds(3000));
    }
    try {
      auto connection = std::make_unique<Connection>(options_.url);
      const std::lock_guard lock(mutex_);
      if (back_off_ > milliseconds(0)) log::info("database connected again");
      back_off_ = milliseconds(0);
      next_attempt_ = {};
      return connection;
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      if (back_off_ == milliseconds(0)) log::error("database away", {{"error", error.what()}});
      back_off_ = std::clamp(back_off_ * 2, milliseconds(100), milliseconds(2000));
      next_attempt_ = std::chrono::steady_clock::now() + back_off_;
      return nullptr;
    }
  }

  // Answers for work whose deadline has passed: what waits is dropped, what runs is left to end
  // by itself, but nobody waits for it any longer.
  void watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      stop_watching_.wait_for(lock, milliseconds(250));
      const SteadyTime now = std::chrono::steady_clock::now();
      std::vector<std::shared_ptr<Job>> late;
      for (Lane* lane : {&lane_, &writers_}) {
        while (!lane->queue.empty() && lane->queue.front().deadline <= now) {
          late.push_back(std::move(lane->queue.front().job));
          lane->queue.pop_front();
        }
      }
      for (const auto& running : running_) {
        if (running && running->deadline <= now) late.push_back(running->job);
      }
      lock.unlock();
      for (const auto& job : late) job->fail(unavailable("too slow"));
      late.clear();
      lock.lock();
    }
  }

  const DatabaseOptions options_;
  const bool one_writer_;
  std::mutex mutex_;
  std::condition_variable stop_watching_;
  Lane lane_;
  Lane writers_;                                 // SQLite's; else all work is in the other lane
  std::vector<std::optional<Waiting>> running_;  // by thread
  std::uint64_t lost_ = 0;
  SteadyTime next_attempt_{};
  milliseconds back_off_{0};
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

Database::Database(DatabaseOptions options)
    : threads_(std::make_unique<Threads>(std::move(options))) {}

Database::~Database() = default;

void Database::submit(std::shared_ptr<Job> job, Access access) {
  threads_->submit(std::move(job), access);
}

}  // namespace server::db
