// The store: SQLite or PostgreSQL behind one door, and the threads that wait for it.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <type_traits>

#include "db/connection.hpp"
#include "db/db_error.hpp"

namespace server::db {

namespace net = boost::asio;

template <class T>
using Outcome = std::expected<T, DbError>;

struct DatabaseOptions {
  DatabaseUrl url;
  int connections = 8;           // threads, each with a connection of its own
  std::size_t queue_max = 4096;  // work that waits in a lane; more is refused as Unavailable
  std::chrono::milliseconds deadline{10'000};  // for waiting and working together
};

// Runs SQL on threads of its own. Thread-safe; outlived by the executors of its callers.
//
// A connection that was lost is opened again when it is next needed, no more often than an
// exponential back-off (0.1 s to 2 s) allows; meanwhile all work fails at once as Unavailable.
//
// SQLite has one writer at a time. There one thread more does all the writing, in a lane of its
// own: however many writers wait, and for whom, the other threads are free for readers.
class Database {
 public:
  // Connects nothing yet.
  explicit Database(DatabaseOptions options);
  ~Database();  // waits for the work that runs, fails what waits
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work(Connection&)` on a database thread and resumes the caller on its own executor with
  // what it returned. Work that takes a const Connection& is a reader. `work` owns all
  // that it needs, because the caller does not wait past the deadline. An exception that it throws
  // becomes the DbError.
  template <class Work>
  net::awaitable<Outcome<std::invoke_result_t<Work&, Connection&>>> run(Work work);

  // One piece of work and how to answer for it; for run() alone.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void work(Connection& connection) = 0;
    virtual void fail(DbError error) = 0;
  };

 private:
  template <class Work, class Finish>
  class JobOf;

  enum class Access { Read, Write };
  void submit(std::shared_ptr<Job> job, Access access);

  class Threads;
  std::unique_ptr<Threads> threads_;
};

// The exception in flight as a DbError; only in a catch clause.
DbError current_db_error();

// Answers once: with the outcome of the work, or with a failure when that comes first.
template <class Work, class Finish>
class Database::JobOf final : public Job {
 public:
  using Value = std::invoke_result_t<Work&, Connection&>;

  JobOf(Work work, Finish finish) : work_(std::move(work)), finish_(std::move(finish)) {}

  void work(Connection& connection) override { answer(outcome_of(connection)); }
  void fail(DbError error) override { answer(std::unexpected(std::move(error))); }

 private:
  Outcome<Value> outcome_of(Connection& connection) {
    try {
      if constexpr (std::is_void_v<Value>) {
        work_(connection);
        return {};
      } else {
        return work_(connection);
      }
    } catch (...) {
      return std::unexpected(current_db_error());
    }
  }
  void answer(Outcome<Value> outcome) {
    if (!answered_.exchange(true)) finish_(std::move(outcome));
  }

  Work work_;
  Finish finish_;
  std::atomic<bool> answered_ = false;
};

template <class Work>
net::awaitable<Outcome<std::invoke_result_t<Work&, Connection&>>> Database::run(Work work) {
  using Result = Outcome<std::invoke_result_t<Work&, Connection&>>;
  const net::any_io_executor home = co_await net::this_coro::executor;
  auto initiate = [this, home](auto handler, Work moved) {
    auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
    auto finish = [home, waiting](Result result) {
      net::post(home, [waiting, result = std::move(result)]() mutable {
        std::move (*waiting)(std::move(result));
      });
    };
    using Made = JobOf<Work, decltype(finish)>;
    const Access access =
        std::is_invocable_v<Work&, const Connection&> ? Access::Read : Access::Write;
    submit(std::make_shared<Made>(std::move(moved), std::move(finish)), access);
  };
  co_return co_await net::async_initiate<const net::use_awaitable_t<>, void(Result)>(
      std::move(initiate), net::use_awaitable, std::move(work));
}

}  // namespace server::db
