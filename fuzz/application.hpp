// An application on a database of its own, for fuzz targets that go through all of it.
#pragma once

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "app/accounts.hpp"
#include "app/migrate.hpp"
#include "base/random.hpp"
#include "heap_budget.hpp"

namespace fuzz {

namespace app = server::app;
namespace net = boost::asio;

struct Folder {
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "webrtc-chat-fuzz-XXXXXX";
    require(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

inline app::Config config_for(const std::filesystem::path& database) {
  app::Config config;
  config.database_url = "sqlite:" + database.string();
  config.database_pool = 1;
  config.bcrypt_rounds = 4;
  config.jwt_access_secret = "an access secret for fuzzing, 40 octets.";
  config.jwt_refresh_secret = "a refresh secret for fuzzing, 40 octets.";
  return config;
}

// Runs `work` to its end, with everything else that is due.
template <class T>
T run(net::io_context& io, net::awaitable<T> work) {
  const auto more_to_come = net::make_work_guard(io);  // of other threads
  io.restart();                                        // it may have stopped after the last work
  std::optional<T> result;
  net::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result = std::move(value);
  });
  while (!result) require(io.run_one_for(std::chrono::seconds{10}) > 0);
  return std::move(*result);
}

// Calls `step` with the input's lines, `steps_max` at most.
template <class Step>
void each_line(Bytes octets, std::size_t steps_max, Step step) {
  std::string_view input = text_of(octets);
  for (std::size_t i = 0; i < steps_max && !input.empty(); ++i) {
    const std::string_view line = input.substr(0, input.find('\n'));
    step(line);
    input.remove_prefix(std::min(input.size(), line.size() + 1));
  }
}

// Two accounts and a room of the first, made once and copied for each input.
struct Template {
  Template() {
    const app::Config config = config_for(file());
    (void)app::migrate_store(config);
    net::io_context io{1};
    SeededRandom random{1};
    server::cluster::Bus bus;
    app::Accounts accounts(config, {}, bus, random);
    for (std::size_t i = 0; i < users.size(); ++i) {
      const std::string name = "person" + std::to_string(i);
      auto made =
          run(io, accounts.auth.register_user(name + "@example.org", name, "a fine password 1",
                                              {"::1", "::1", "fuzz", {}}));
      require(made.has_value());
      users[i] = made->user.id;
    }
    const auto room = run(io, accounts.rooms.create(users[0], "Room", "room"));
    require(room.has_value());
    room_id = room->id;
    require(run(io, accounts.rooms.create(users[0], "Other", "other")).has_value());
  }
  std::filesystem::path file() const { return folder.path / "template.db"; }

  Folder folder;
  std::array<std::string, 2> users;
  std::string room_id;
};

// A copy for one input.
struct DatabaseCopy {
  explicit DatabaseCopy(const Template& made) : path(made.folder.path / "copy.db") {
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path.string() + end);
    std::filesystem::copy_file(made.file(), path,
                               std::filesystem::copy_options::overwrite_existing);
  }
  std::filesystem::path path;
};

}  // namespace fuzz
