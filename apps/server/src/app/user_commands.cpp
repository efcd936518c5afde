#include "app/user_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/accounts.hpp"
#include "app/migrate.hpp"
#include "user/user_admin_store.hpp"

namespace server::app {
namespace {

constexpr int kGood = 0;
constexpr int kRefused = 1;

std::string read_password() {
  std::string password;
  std::getline(std::cin, password);
  return password;
}

int refused(const http::ApiError& error) {
  if (error.details.empty()) std::cerr << error.message << "\n";
  for (const http::FieldError& detail : error.details) {
    std::cerr << fmt::format("{}: {}\n", detail.field, detail.message);
  }
  return kRefused;
}

int done(const http::Result<void>& result, std::string_view what, const std::string& email) {
  if (!result) return refused(result.error());
  std::cout << fmt::format("{}: {}\n", what, email);
  return kGood;
}

int list(user::UserAdminStore& admin) {
  constexpr int kPage = 500;
  std::string after;
  while (true) {
    const auto users = admin.list(after, kPage);
    for (const auto& [user, is_locked] : users) {
      std::cout << fmt::format("{}  {}  {}  {}{}\n", user.id, user.email, user.username,
                               db::to_iso8601(user.created_at), is_locked ? "  locked" : "");
    }
    if (users.size() < kPage) return kGood;
    after = users.back().user.email;
  }
}

}  // namespace

UserCommands::UserCommands(CLI::App& app)
    : user_(app.add_subcommand("user", "create, list, unlock, delete accounts; set a password")) {
  user_->require_subcommand(1);
  const auto with_email = [this](const char* name, const char* what) {
    CLI::App* const command = user_->add_subcommand(name, what);
    command->add_option("email", email_, "the account's e-mail address")->required();
    return command;
  };
  with_email("create", "new account; the password is read from the standard input")
      ->add_option("username", username_, "its username")
      ->required();
  user_->add_subcommand("list", "id, e-mail, username and age of every account");
  with_email("unlock", "let an account in again that too many failed logins have locked");
  with_email("delete", "remove an account with its rooms and messages");
  with_email("set-password", "new password, read from the standard input; ends all logins");
}

bool UserCommands::parsed() const { return user_->parsed(); }

int UserCommands::run(const Config& config) const {
  migrate_store(config);
  db::Connection connection(database_url(config));
  SecureRandom random;
  user::UserAdminStore admin(connection, random, config.bcrypt_rounds, db::system_now());
  if (user_->got_subcommand("create")) {
    const auto user = admin.create(email_, username_, read_password());
    if (!user) return refused(user.error());
    std::cout << fmt::format("created: {}  {}\n", user->id, user->email);
    return kGood;
  }
  if (user_->got_subcommand("unlock")) return done(admin.unlock(email_), "unlocked", email_);
  if (user_->got_subcommand("delete")) return done(admin.remove(email_), "deleted", email_);
  if (user_->got_subcommand("set-password")) {
    return done(admin.set_password(email_, read_password()), "password set", email_);
  }
  return list(admin);
}

}  // namespace server::app
