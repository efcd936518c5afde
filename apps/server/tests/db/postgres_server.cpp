#include "postgres_server.hpp"

#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <vector>

namespace server::testing {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

fs::path tools_folder() {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql")) {
    if (fs::exists(entry.path() / "bin/initdb")) newest = std::max(newest, entry.path() / "bin");
  }
  if (newest.empty()) throw std::runtime_error("no PostgreSQL server is installed");
  return newest;
}

std::uint16_t free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = bind(probe, generic, size) == 0 && getsockname(probe, generic, &size) == 0;
  close(probe);
  if (!found) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

// Starts a program as the user postgres where we are root, whom PostgreSQL does not serve. It dies
// with the test.
pid_t spawn(const Arguments& command, const fs::path& log) {
  const passwd* const user = geteuid() == 0 ? getpwnam("postgres") : nullptr;
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);  // else the child would print it again
  const pid_t child = fork();
  if (child != 0) return child;
  if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (freopen(log.c_str(), "a", stdout) == nullptr) _exit(126);
  dup2(STDOUT_FILENO, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Polls until it holds; false after a generous deadline.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 10);
  }
  return true;
}

// The parent of a process that lives; nullopt for one that is gone or waits to be reaped.
std::optional<pid_t> parent_of(const std::string& process) {
  const std::string stat = text_of(fs::path("/proc") / process / "stat");
  const std::size_t end = stat.rfind(')');
  char state = 0;
  int parent = 0;
  const bool is_read = end != std::string::npos &&
                       std::sscanf(stat.c_str() + end + 1, " %c %d", &state, &parent) == 2;
  if (!is_read || state == 'Z') return std::nullopt;
  return parent;
}

// The postmaster and its children. Each has a session of its own.
std::vector<pid_t> processes_of(pid_t postmaster) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t process = std::stoi(name);
    const auto parent = parent_of(name);
    if (parent && (process == postmaster || *parent == postmaster)) found.push_back(process);
  }
  return found;
}

// Without its postmaster a process of PostgreSQL ends by itself, but not at once.
void wait_for_end(const std::vector<pid_t>& processes) {
  for (const pid_t process : processes) {
    eventually([&] { return !parent_of(std::to_string(process)); });
  }
}

}  // namespace

PostgresServer::PostgresServer() {
  std::string name = fs::temp_directory_path() / "webrtc-chat-pg-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = name;
  if (geteuid() == 0) {
    const passwd* const user = getpwnam("postgres");
    if (user == nullptr || chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("no user postgres");
    }
  }
  const pid_t child = spawn({tools_folder() / "initdb", "-D", folder_ / "data", "-U", "postgres",
                             "-A", "trust", "-E", "UTF8", "--locale=C", "-N"},
                            folder_ / "log");
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("initdb: " + text_of(folder_ / "log"));
  port_ = free_port();
  start();
}

PostgresServer::~PostgresServer() {
  if (postmaster_ > 0) {
    signal_all(SIGCONT);
    const std::vector<pid_t> processes = processes_of(postmaster_);
    kill(postmaster_, SIGQUIT);
    waitpid(postmaster_, nullptr, 0);
    wait_for_end(processes);
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

void PostgresServer::start() {
  // fsync is for power cuts, which no test makes; a killed process loses nothing without it.
  const Arguments command{tools_folder() / "postgres",
                          "-D",
                          folder_ / "data",
                          "-p",
                          std::to_string(port_),
                          "-c",
                          "listen_addresses=127.0.0.1",
                          "-c",
                          "unix_socket_directories=",
                          "-c",
                          "fsync=off",
                          "-c",
                          "max_connections=200",
                          "-c",
                          "shared_buffers=32MB",
                          "-c",
                          "deadlock_timeout=200ms"};
  const std::string url = url_of("postgres");
  const bool up = eventually([&] {
    // A killed server's shared memory may live for a moment: then it is started again.
    if (postmaster_ > 0 && waitpid(postmaster_, nullptr, WNOHANG) == postmaster_) postmaster_ = -1;
    if (postmaster_ < 0) postmaster_ = spawn(command, folder_ / "log");
    return PQping(url.c_str()) == PQPING_OK;
  });
  if (!up) throw std::runtime_error("postgres: " + text_of(folder_ / "log"));
}

void PostgresServer::kill_hard() {
  const std::vector<pid_t> processes = processes_of(postmaster_);
  kill(postmaster_, SIGKILL);
  waitpid(postmaster_, nullptr, 0);
  postmaster_ = -1;
  wait_for_end(processes);
}

void PostgresServer::signal_all(int signal) {
  for (const pid_t process : processes_of(postmaster_)) kill(process, signal);
}

void PostgresServer::pause() { signal_all(SIGSTOP); }
void PostgresServer::resume() { signal_all(SIGCONT); }

std::string PostgresServer::url_of(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

void PostgresServer::execute(const std::string& sql) {
  PGconn* const connection = PQconnectdb(url_of("postgres").c_str());
  PGresult* const result = PQexec(connection, sql.c_str());
  const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
  const std::string error = PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
  if (!done) throw std::runtime_error(sql + ": " + error);
}

std::string PostgresServer::create_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  execute("CREATE DATABASE " + name);
  return url_of(name);
}

}  // namespace server::testing
