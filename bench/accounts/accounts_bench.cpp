// What accounts cost, through the real server on SQLite: one table, each number with its reference
// from the same run.
// Usage: accounts_bench <path of webrtc-chat> [seconds a measurement] [me|logins|history]
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

#include "auth/bcrypt.hpp"
#include "base/random.hpp"
#include "db/connection.hpp"
#include "http_load.hpp"

namespace {

using bench::Client;
using bench::Load;
using bench::LoadResult;
using bench::make_request;
using Steady = std::chrono::steady_clock;

constexpr int kMessages = 1'000'000;
constexpr const char* kPassword = "a fine password 1";

int cores() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

void pin_to(int cpu) {  // -1: all
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < cores(); ++i) {
    if (cpu < 0 || i == cpu) CPU_SET(i, &set);
  }
  sched_setaffinity(0, sizeof set, &set);
}

// A server process on a folder's database; stopped by its id.
class Server {
 public:
  Server(const std::string& program, const std::filesystem::path& folder, int cpu) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0) {
      pin_to(cpu);
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      const std::string database = "sqlite:" + (folder / "bench.db").string();
      for (const auto& [name, value] :
           {std::pair{"HOST", "127.0.0.1"},
            {"PORT", "0"},
            {"RTC_PORT", "0"},
            {"RATE_LIMIT", "off"},
            {"LOG_FORMAT", "text"},
            {"DATABASE_URL", database.c_str()},
            {"JWT_ACCESS_SECRET", "access secret of the bench, 32 bytes"},
            {"JWT_REFRESH_SECRET", "refresh secret of the bench, 32 bytes"}}) {
        setenv(name, value, 1);
      }
      if (chdir(folder.c_str()) != 0) _exit(126);
      execl(program.c_str(), program.c_str(), "serve", nullptr);
      _exit(127);
    }
    close(ends[1]);
    read_port(ends[0]);
    output_ = ends[0];
    drain_ = std::thread([this] {
      char chunk[4096];
      while (read(output_, chunk, sizeof chunk) > 0) {
      }
    });
  }
  ~Server() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    drain_.join();
    close(output_);
  }

  std::uint16_t port() const { return port_; }

  // CPU time of all its threads so far: what a request costs, whoever else uses the machine.
  double cpu_seconds() const {
    std::ifstream file(fmt::format("/proc/{}/stat", child_));
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(stat.substr(stat.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

 private:
  void read_port(int output) {
    std::string text;
    while (true) {
      char chunk[4096];
      pollfd ready{output, POLLIN, 0};
      if (poll(&ready, 1, 20'000) <= 0) throw std::runtime_error("no start line: " + text);
      const ssize_t size = read(output, chunk, sizeof chunk);
      if (size <= 0) throw std::runtime_error("the server ended: " + text);
      text.append(chunk, static_cast<std::size_t>(size));
      const std::size_t line = text.find("listening on");
      const std::size_t end = line == std::string::npos ? line : text.find('\n', line);
      if (end == std::string::npos) continue;
      const std::string url = text.substr(line, end - line);
      port_ = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
      return;
    }
  }

  pid_t child_ = -1;
  std::uint16_t port_ = 0;
  int output_ = -1;
  std::thread drain_;
};

struct Account {
  std::string email;
  std::string access;
  std::string refresh;
};

Account make_account(std::uint16_t port, const std::string& name) {
  Client client(port);
  const std::string body = fmt::format(
      R"({{"email":"{0}@example.com","username":"{0}","password":"{1}"}})", name, kPassword);
  const auto reply = client.ask(make_request("POST", "/api/auth/register", body, ""));
  return {name + "@example.com", cookie_of(reply, "access_token"),
          cookie_of(reply, "refresh_token")};
}

void row(const std::string& what, double value, const std::string& unit, const std::string& aim,
         const std::string& reference) {
  fmt::print("| {} | {:.1f} {} | {} | {} |\n", what, value, unit, aim, reference);
}

void measure_me(const std::string& program, const std::filesystem::path& folder, double seconds) {
  const Server server(program, folder, 0);
  pin_to(1);
  const Account account = make_account(server.port(), "me-reader");
  const std::string me = make_request("GET", "/api/users/me", "", account.access);
  const std::string live = make_request("GET", "/api/health/live", "", "");
  const double cpu_before = server.cpu_seconds();
  const LoadResult bare = bench::run_load({server.port(), {live}, 64, seconds, 0});
  const double cpu_between = server.cpu_seconds();
  const LoadResult full = bench::run_load({server.port(), {me}, 64, seconds, 0});
  const double cpu_after = server.cpu_seconds();
  const auto per_cpu_second = [](const LoadResult& result, double cpu_s) {
    return static_cast<double>(result.latencies_ms.size()) / cpu_s;
  };
  const LoadResult most =
      bench::run_load({server.port(), {me}, 64, seconds, full.per_second * 0.7});
  row("GET /api/users/me, one core", full.per_second, "requests/s", ">= 25000",
      fmt::format("GET /api/health/live {:.0f}/s", bare.per_second));
  row("GET /api/users/me, a second of CPU", per_cpu_second(full, cpu_after - cpu_between),
      "requests", ">= 25000",
      fmt::format("GET /api/health/live {:.0f}", per_cpu_second(bare, cpu_between - cpu_before)));
  row("GET /api/users/me, p99 at 70 % load", most.percentile(0.99), "ms", "< 5",
      fmt::format("p50 {:.2f} ms, {} failures", most.percentile(0.5),
                  full.failures + most.failures));
  pin_to(-1);
}

struct Bcrypts {
  double per_second = 0;
  double per_cpu_second = 0;
};

double own_cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

Bcrypts bare_bcrypt(double seconds) {
  const double cpu_before = own_cpu_seconds();
  std::atomic<int> done = 0;
  const auto end = Steady::now() + std::chrono::duration<double>(seconds);
  std::vector<std::thread> threads;
  for (int i = 0; i < cores(); ++i) {
    threads.emplace_back([&] {
      SecureRandom random;
      const std::string setting = server::auth::make_bcrypt_setting(10, random);
      while (Steady::now() < end) {
        server::auth::bcrypt(kPassword, setting);
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return {done / seconds, done / (own_cpu_seconds() - cpu_before)};
}

std::string login_request(const Account& account) {
  return make_request("POST", "/api/auth/login",
                      fmt::format(R"({{"email":"{}","password":"{}"}})", account.email, kPassword),
                      "");
}

LoadResult refresh_for(std::uint16_t port, Account account, double seconds) {
  Client client(port);
  LoadResult result;
  const auto end = Steady::now() + std::chrono::duration<double>(seconds);
  while (Steady::now() < end) {
    const auto start = Steady::now();
    const auto reply = client.ask(make_request("POST", "/api/auth/refresh", "", account.refresh));
    const std::chrono::duration<double, std::milli> took = Steady::now() - start;
    result.latencies_ms.push_back(took.count());
    account.refresh = cookie_of(reply, "refresh_token");
    poll(nullptr, 0, 10);  // a storm of logins is measured, not one of refreshes
  }
  std::ranges::sort(result.latencies_ms);
  return result;
}

void measure_logins(const std::string& program, const std::filesystem::path& folder,
                    double seconds) {
  const Server server(program, folder, -1);
  std::vector<std::string> logins;
  for (int i = 0; i < 16; ++i) {
    logins.push_back(login_request(make_account(server.port(), fmt::format("user{}", i))));
  }
  const Account refresher = make_account(server.port(), "refresher");
  const LoadResult calm = refresh_for(server.port(), refresher, seconds / 2);
  const Bcrypts bare = bare_bcrypt(seconds);
  const double cpu_before = server.cpu_seconds();
  const LoadResult storm = bench::run_load({server.port(), logins, 16, seconds, 0});
  const double per_cpu_second =
      static_cast<double>(storm.latencies_ms.size()) / (server.cpu_seconds() - cpu_before);
  row("logins, share of bare bcrypt, by CPU time", 100 * per_cpu_second / bare.per_cpu_second, "%",
      ">= 95",
      fmt::format("{:.1f} logins and {:.1f} bare a CPU second", per_cpu_second,
                  bare.per_cpu_second));
  row("logins, share of bare bcrypt", 100 * storm.per_second / bare.per_second, "%", ">= 95",
      fmt::format("{:.1f} logins/s, bare bcrypt {:.1f}/s, {} failures", storm.per_second,
                  bare.per_second, storm.failures));

  const Account other = make_account(server.port(), "refresher2");
  LoadResult refreshes;
  std::thread side([&] { refreshes = refresh_for(server.port(), other, seconds); });
  bench::run_load({server.port(), logins, 16, seconds, 0});
  side.join();
  row("refresh p99 during a login storm", refreshes.percentile(0.99), "ms", "< 50",
      fmt::format("without storm {:.2f} ms", calm.percentile(0.99)));
}

// A room with a million messages, and one with fifty, both hosted by the account.
void fill_rooms(const std::filesystem::path& folder, const std::string& host_id) {
  server::db::Connection connection(
      *server::db::DatabaseUrl::parse("sqlite:" + (folder / "bench.db").string()));
  connection.transaction([&] {
    for (const auto& [room, messages] : {std::pair{"big", kMessages}, {"small", 50}}) {
      connection.execute(R"(
          INSERT INTO "Room" ("id", "slug", "name", "hostId", "createdAt", "updatedAt")
          VALUES ($1, $2, 'x', $3, '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000'))",
                         room, room, host_id);
      connection.execute(R"(
          INSERT INTO "Message" ("id", "content", "userId", "roomId", "createdAt")
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
          SELECT $2 || printf('%08d', i), 'a message of usual length, number ' || i, $3, $4,
                 strftime('%Y-%m-%d %H:%M:%f', 1767225600.0 + i * 0.5, 'unixepoch') FROM n)",
                         messages, room, host_id, room);
    }
  });
}

void measure_history(const std::string& program, const std::filesystem::path& folder,
                     double seconds) {
  const Server server(program, folder, -1);
  const Account account = make_account(server.port(), "host");
  Client client(server.port());
  const auto me = client.ask(make_request("GET", "/api/users/me", "", account.access));
  const std::string id = me.body.substr(me.body.find("\"id\":\"") + 6, 25);
  fill_rooms(folder, id);

  SeededRandom random(1);
  std::vector<std::string> pages;
  for (int i = 0; i < 1000; ++i) {
    const int before = 100 + static_cast<int>(random.u32() % (kMessages - 100));
    pages.push_back(
        make_request("GET", fmt::format("/api/rooms/big/messages?before=big{:08}&limit=50", before),
                     "", account.access));
  }
  const std::string small =
      make_request("GET", "/api/rooms/small/messages?limit=50", "", account.access);
  const LoadResult reference = bench::run_load({server.port(), {small}, 1, seconds, 0});
  LoadResult deep;
  const double cpu_before = server.cpu_seconds();
  const auto end = Steady::now() + std::chrono::duration<double>(seconds);
  for (std::size_t i = 0; Steady::now() < end; ++i) {
    const auto start = Steady::now();
    if (client.ask(pages[i % pages.size()]).status != 200) ++deep.failures;
    const std::chrono::duration<double, std::milli> took = Steady::now() - start;
    deep.latencies_ms.push_back(took.count());
  }
  const double cpu_ms = 1000 * (server.cpu_seconds() - cpu_before) /
                        static_cast<double>(std::max<std::size_t>(1, deep.latencies_ms.size()));
  std::ranges::sort(deep.latencies_ms);
  row("history page of 50 out of 1 M, p99", deep.percentile(0.99), "ms", "< 5",
      fmt::format("p50 {:.2f} ms, {:.2f} ms of CPU; a room of 50: p99 {:.2f} ms; {} failures",
                  deep.percentile(0.5), cpu_ms, reference.percentile(0.99),
                  deep.failures + reference.failures));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view only = argc > 3 ? argv[3] : "";
  const bool is_known = only.empty() || only == "me" || only == "logins" || only == "history";
  if (argc < 2 || !is_known) {
    fmt::print(stderr,
               "usage: accounts_bench <path of webrtc-chat> [seconds] [me|logins|history]\n");
    return 2;
  }
  const std::string program = std::filesystem::absolute(argv[1]);
  const double seconds = argc > 2 ? std::atof(argv[2]) : 5;
  std::string folder = std::filesystem::temp_directory_path() / "webrtc-chat-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  int code = 0;
  try {
    fmt::print("| what | measured | aim | reference |\n| --- | --- | --- | --- |\n");
    if (only.empty() || only == "me") measure_me(program, folder, seconds);
    if (only.empty() || only == "logins") measure_logins(program, folder, seconds);
    if (only.empty() || only == "history") measure_history(program, folder, seconds);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    code = 1;
  }
  std::filesystem::remove_all(folder);
  return code;
}
