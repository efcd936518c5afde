#include "app/cli.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/accounts.hpp"
#include "app/doctor.hpp"
#include "app/migrate.hpp"
#include "app/server.hpp"
#include "app/user_commands.hpp"
#include "db/backup.hpp"
#include "telemetry/log.hpp"

namespace server::app {

namespace {

constexpr int kGood = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// The configuration, or nullopt after each mistake has been told.
std::optional<LoadedConfig> load(const std::string& file) {
  std::string text;
  if (!file.empty()) {
    std::ifstream in(file);
    if (!in) {
      std::cerr << fmt::format("--config: {}: cannot be read\n", file);
      return std::nullopt;
    }
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  LoadedConfig loaded = load_config(environment, text, isatty(STDOUT_FILENO) == 1);
  for (const ConfigMistake& mistake : loaded.mistakes) {
    std::cerr << fmt::format("{}: \"{}\" is not allowed here: {}\n", mistake.name, mistake.value,
                             mistake.allowed);
  }
  if (!loaded.mistakes.empty()) return std::nullopt;
  return loaded;
}

// Keys and passwords are in this memory: no core dump writes it to disk, and no other process of
// the same user looks into it.
void keep_memory_private() {
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

int serve(const Config& config) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk, not the end
  keep_memory_private();
  log::start(config.log_level, config.log_format == "json" ? log::Format::Json : log::Format::Text);
  int code = kGood;
  try {
    if (!config.rate_limit) log::warn("RATE_LIMIT is off: anybody may ask as often as they like");
    Server server(config);
    server.run();
  } catch (const std::exception& error) {
    log::error("cannot go on", {{"error", error.what()}});
    code = kFailed;
  }
  log::stop();
  return code;
}

int check_config(const LoadedConfig& loaded) {
  for (const ConfigLine& line : loaded.lines) {
    std::cout << fmt::format("{}={}{}\n", line.name, line.value,
                             line.is_default ? "  (default)" : "");
  }
  return kGood;
}

int doctor(const Config& config) {
  bool all_good = true;
  for (const Finding& finding : examine(config)) {
    all_good = all_good && finding.is_good;
    std::cout << fmt::format("{:<4} {}: {}\n", finding.is_good ? "ok" : "BAD", finding.what,
                             finding.detail);
  }
  return all_good ? kGood : kFailed;
}

int migrate(const Config& config) {
  const auto steps = migrate_store(config);
  for (const db::Migration& migration : db::all_migrations()) {
    const auto step = std::ranges::find(steps, migration.version, &db::MigrationStep::version);
    std::string_view what = "was there";
    if (step != steps.end()) what = step->adopted ? "adopted" : "applied";
    std::cout << fmt::format("{:04} {}: {}\n", migration.version, migration.name, what);
  }
  return kGood;
}

int backup(const Config& config, const std::string& file, bool may_overwrite) {
  db::backup(database_url(config), file, may_overwrite);
  std::cout << fmt::format("backed up: {}\n", file);
  return kGood;
}

int restore(const Config& config, const std::string& file, bool may_overwrite) {
  const auto restored = db::restore(database_url(config), file, may_overwrite);
  std::cout << fmt::format("restored: {}, schema version {}\n", file, restored.version);
  return kGood;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("WebRTC Chat: video meetings from one server.", "webrtc-chat");
  app.set_version_flag("--version", WEBRTC_CHAT_VERSION);
  std::string config_file;
  app.add_option("--config", config_file, "a file of KEY=value lines; the environment wins");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_subcommand("serve", "serve page, REST, Socket.IO and media (the default)");
  const auto* migrate_command =
      app.add_subcommand("migrate", "bring the database to this version's schema");
  const auto* check_command =
      app.add_subcommand("check-config", "print the settings in force, and each mistake");
  const auto* doctor_command =
      app.add_subcommand("doctor", "try what a start would need, and say what is wrong");
  std::string backup_file;
  bool may_overwrite = false;
  const auto with_file = [&](const char* name, const char* what, const char* overwrites) {
    CLI::App* const command = app.add_subcommand(name, what);
    command->add_option("file", backup_file, "the backup")->required();
    command->add_flag("--force", may_overwrite, overwrites);
    return command;
  };
  const auto* backup_command = with_file(
      "backup", "write the database to a file, while servers run", "replace a file that is there");
  const auto* restore_command =
      with_file("restore", "put back the database that a backup holds, while no server runs",
                "replace a database that is there");
  const UserCommands user_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kGood : kWrongUse;
  }

  const auto loaded = load(config_file);
  if (!loaded) return kWrongUse;
  try {
    if (check_command->parsed()) return check_config(*loaded);
    if (doctor_command->parsed()) return doctor(loaded->config);
    if (migrate_command->parsed()) return migrate(loaded->config);
    if (backup_command->parsed()) return backup(loaded->config, backup_file, may_overwrite);
    if (restore_command->parsed()) return restore(loaded->config, backup_file, may_overwrite);
    if (user_commands.parsed()) return user_commands.run(loaded->config);
    return serve(loaded->config);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return kFailed;
  }
}

}  // namespace server::app
