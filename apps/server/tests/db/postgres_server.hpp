// A real PostgreSQL of the test's own: a cluster in a temporary folder, on a free loopback port.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace server::testing {

class PostgresServer {
 public:
  // Makes a cluster and starts it. Throws std::runtime_error with PostgreSQL's own words.
  PostgresServer();
  ~PostgresServer();  // stops it by its process id, and removes the folder
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // The one of this test program, started at its first use.
  static PostgresServer& shared();

  // A new, empty database; its DATABASE_URL.
  std::string create_database();

  void start();      // returns when it answers
  void kill_hard();  // SIGKILL to the postmaster; returns when all its processes are gone
  void pause();      // SIGSTOP to all its processes: it is there, and silent
  void resume();

 private:
  void execute(const std::string& sql);
  std::string url_of(const std::string& database) const;
  void signal_all(int signal);

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t postmaster_ = -1;
  int databases_ = 0;
};

}  // namespace server::testing
