#include "auth/auth_service.hpp"

#include <algorithm>

#include "auth/account_rules.hpp"
#include "auth/hash.hpp"
#include "auth/login_cache.hpp"
#include "auth/password_pool.hpp"
#include "base/text.hpp"
#include "telemetry/log.hpp"

namespace server::auth {
namespace {

// Two tabs that refresh at the same moment both stay logged in.
constexpr std::chrono::seconds kRotationGrace{10};

http::ApiError unauthorized(std::string message = "Log in first.") {
  return {401, "UNAUTHORIZED", std::move(message), {}, {}};
}

http::ApiError locked(db::Timestamp until, db::Timestamp now) {
  http::ApiError error{
      423, "ACCOUNT_LOCKED", "Too many failed logins; the account is locked for a while.", {}, {}};
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - now);
  error.retry_after_s = static_cast<unsigned>(std::max<std::int64_t>(1, left.count()));
  return error;
}

http::ApiError taken_error(Taken taken) {
  if (taken == Taken::Email) {
    return {409, "EMAIL_TAKEN", "Another account has this e-mail address.", {}, {}};
  }
  return {409,
          "USERNAME_TAKEN",
          "Another account has this username, or one that looks like it.",
          {},
          {}};
}

// 128 bits of a hash.
std::string session_id(std::string_view sid) {
  return sha256_hex("session " + std::string(sid)).substr(0, 32);
}

}  // namespace

ClientRecord Client::record() const {
  constexpr std::size_t kShown = 160;  // the interesting part of a browser's is shorter
  std::string shown = user_agent.substr(0, kShown);
  std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
  return {sha256_hex(address + "\n" + user_agent), address, std::move(shown)};
}

Client Client::of(const http::Request& request) {
  return {request.client.to_string(), request.client.network().to_string(),
          std::string(request.header("User-Agent")),
          std::string(request.cookie("refresh_token").value_or(""))};
}

AuthService::AuthService(Parts parts, AuthRules rules, db::Clock clock)
    : parts_(parts), rules_(rules), clock_(clock), ids_(std::move(clock), parts.random) {}

NewLogin AuthService::new_login(const Client& client, std::string_view user_id,
                                std::string& refresh_token) {
  const db::Timestamp now = clock_();
  const std::string sid = parts_.random.url_safe(22);  // 132 bits
  refresh_token = parts_.tokens.make_refresh(now, user_id, sid, parts_.random.url_safe(22));
  return {sid, sha256_hex(refresh_token), client.record(), now};
}

net::awaitable<http::Result<LoggedIn>> AuthService::register_user(std::string email,
                                                                  std::string username,
                                                                  std::string password,
                                                                  Client client) {
  AccountCheck check;
  check.email(email);
  check.username(username);
  check.password(password, email, username);
  if (auto valid = check.result(); !valid) co_return std::unexpected(valid.error());

  auto hash = co_await parts_.passwords.hash(std::move(password));
  if (!hash) co_return std::unexpected(hash.error());

  std::string id = ids_.next().id;
  std::string refresh_token;
  const NewLogin login = new_login(client, id, refresh_token);
  user::User user{std::move(id), to_lower_ascii(email), std::move(username), 0, login.now,
                  login.now};
  NewUser row{user.id, user.email, user.username, std::move(*hash)};
  const auto taken = co_await parts_.store.insert(std::move(row), login, source_of(client));
  if (!taken) co_return std::unexpected(db::to_api_error(taken.error()));
  if (*taken != Taken::Nothing) co_return std::unexpected(taken_error(*taken));

  TokenPair tokens{parts_.tokens.make_access(login.now, user, login.sid), std::move(refresh_token)};
  co_return LoggedIn{std::move(user), std::move(tokens)};
}

std::string AuthService::rate_key(std::string_view email) const {
  return parts_.tokens.pseudonym("login " + to_lower_ascii(email));
}

net::awaitable<http::Result<std::optional<std::string>>> AuthService::known_rate_key(
    std::string email, Client client) {
  const Source source = source_of(client);
  const std::string key = rate_key(email);
  const auto found = co_await parts_.store.find(std::move(email), source, clock_());
  if (!found) co_return std::unexpected(db::to_api_error(found.error()));
  if (!found->account || !found->standing.is_known) co_return std::nullopt;
  co_return key + " " + source.place(found->account->user.id);
}

Source AuthService::source_of(const Client& client) const {
  Source source{client.network, std::nullopt};
  if (auto device = parts_.tokens.read_old_refresh(client.refresh_token)) {
    source.device = Device{std::move(device->user_id), std::move(device->sid)};
  }
  return source;
}

// Counts the failure, and says what every failure says.
net::awaitable<http::ApiError> AuthService::refuse(std::optional<Account> account,
                                                   std::string email, Source source) {
  const db::Timestamp now = clock_();
  db::Outcome<Standing> before;
  if (account) {
    before = co_await parts_.store.count_failure(account->user.id, std::move(source),
                                                 rules_.lockout, now);
  } else {
    before = co_await parts_.store.count_unknown(std::move(email), std::move(source),
                                                 rules_.lockout, now);
  }
  if (!before) co_return db::to_api_error(before.error());
  // Locked by this very failure is still a plain failure.
  if (const auto until = before->locked_until(now)) co_return locked(*until, now);
  co_return unauthorized("Wrong e-mail address or password.");
}

net::awaitable<http::Result<LoggedIn>> AuthService::login(std::string email, std::string password,
                                                          Client client) {
  AccountCheck check;
  if (email.empty() || email.size() > kEmailMax)
    check.refuse("email", "must be 1 to 254 characters");
  if (password.empty()) check.refuse("password", "must not be empty");
  if (auto valid = check.result(); !valid) co_return std::unexpected(valid.error());

  Source source = source_of(client);
  const db::Timestamp now = clock_();
  auto found = co_await parts_.store.find(email, source, now);
  if (!found) co_return std::unexpected(db::to_api_error(found.error()));
  if (const auto until = found->standing.locked_until(now)) {
    co_return std::unexpected(locked(*until, now));
  }

  std::string hash = found->account ? found->account->password_hash : parts_.passwords.decoy();
  const auto right = co_await parts_.passwords.verify(password, std::move(hash));
  if (!right) co_return std::unexpected(right.error());
  if (!found->account || !*right) {
    co_return std::unexpected(
        co_await refuse(std::move(found->account), std::move(email), std::move(source)));
  }

  std::optional<std::string> new_hash;
  if (parts_.passwords.is_outdated(found->account->password_hash)) {
    auto made = co_await parts_.passwords.hash(std::move(password));
    if (made) new_hash = std::move(*made);  // else at the next login
  }
  std::string refresh_token;
  const NewLogin login = new_login(client, found->account->user.id, refresh_token);
  auto begun = co_await parts_.store.begin_login(std::move(*found->account), login,
                                                 std::move(new_hash), std::move(source));
  if (!begun) co_return std::unexpected(db::to_api_error(begun.error()));
  switch (begun->status) {
    case AuthStore::Begun::Status::Locked:
      co_return std::unexpected(locked(*begun->standing.locked_until(login.now), login.now));
    case AuthStore::Begun::Status::Changed:
      co_return std::unexpected(unauthorized("Wrong e-mail address or password."));
    case AuthStore::Begun::Status::Good:
      break;
  }
  for (std::string& sid : begun->ended_sids) {
    parts_.bus.publish(cluster::LoginEnded{begun->user.id, std::move(sid), {}});
  }
  TokenPair tokens{parts_.tokens.make_access(login.now, begun->user, login.sid),
                   std::move(refresh_token)};
  co_return LoggedIn{std::move(begun->user), std::move(tokens)};
}

void AuthService::publish_all_ended(const std::string& user_id) {
  parts_.bus.publish(cluster::LoginEnded{user_id, {}, {}});
}

net::awaitable<http::Result<LoggedIn>> AuthService::refresh(std::string refresh_token,
                                                            Client client) {
  const db::Timestamp now = clock_();
  const auto claims = parts_.tokens.read_refresh(now, refresh_token);
  if (!claims) co_return std::unexpected(unauthorized());

  const http::Principal who{claims->user_id, {}, {}, claims->sid};
  auto refreshed = co_await parts_.store.refresh({claims->user_id, claims->hash},
                                                 rotation_of(who, client), kRotationGrace);
  if (!refreshed) co_return std::unexpected(db::to_api_error(refreshed.error()));
  using Status = AuthStore::Refreshed::Status;
  if (refreshed->status == Status::Over) co_return std::unexpected(unauthorized());
  if (refreshed->status == Status::Theft) {
    log::warn("a used refresh token came back; all logins of the user are ended",
              {{"user_id", claims->user_id}});
    publish_all_ended(claims->user_id);
    co_return std::unexpected(unauthorized());
  }
  auto successor = parts_.tokens.find_successor(refreshed->rotated_at, claims->user_id, claims->sid,
                                                claims->hash, refreshed->successor_hash);
  // Another server rotated it with a secret that this one does not have: docs/operations.md says
  // how secrets are changed without that.
  if (!successor) co_return std::unexpected(unauthorized());
  TokenPair tokens{parts_.tokens.make_access(now, refreshed->user, claims->sid),
                   std::move(*successor)};
  co_return LoggedIn{std::move(refreshed->user), std::move(tokens)};
}

net::awaitable<http::Result<void>> AuthService::logout(std::optional<std::string> access_token,
                                                       std::optional<std::string> refresh_token) {
  const db::Timestamp now = clock_();
  std::string user_id;
  std::string sid;
  if (const auto access =
          access_token ? parts_.tokens.read_access(now, *access_token) : std::nullopt) {
    user_id = access->user_id;
    sid = access->sid;
  } else if (const auto refresh =
                 refresh_token ? parts_.tokens.read_refresh(now, *refresh_token) : std::nullopt) {
    user_id = refresh->user_id;
    sid = refresh->sid;
  } else {
    co_return std::unexpected(unauthorized());
  }
  const auto ended = co_await parts_.store.end_login(user_id, sid);
  if (!ended) co_return std::unexpected(db::to_api_error(ended.error()));
  if (!*ended) co_return std::unexpected(unauthorized());
  parts_.bus.publish(cluster::LoginEnded{user_id, sid, {}});
  co_return http::Result<void>{};
}

net::awaitable<http::Result<std::vector<SessionInfo>>> AuthService::sessions(http::Principal who) {
  auto logins = co_await parts_.store.list_logins(std::move(who.user_id), clock_());
  if (!logins) co_return std::unexpected(db::to_api_error(logins.error()));
  std::vector<SessionInfo> infos;
  for (Session& login : *logins) {
    infos.push_back({session_id(login.sid), login.created_at, login.rotated_at,
                     std::move(login.address).value_or(""),
                     std::move(login.user_agent).value_or(""), login.sid == who.sid});
  }
  co_return infos;
}

net::awaitable<http::Result<bool>> AuthService::end_session(http::Principal who, std::string id) {
  const auto logins = co_await parts_.store.list_logins(who.user_id, clock_());
  if (!logins) co_return std::unexpected(db::to_api_error(logins.error()));
  const auto meant = std::ranges::find_if(
      *logins, [&](const Session& login) { return session_id(login.sid) == id; });
  bool is_ended = false;
  if (meant != logins->end()) {
    const auto ended = co_await parts_.store.end_login(who.user_id, meant->sid);
    if (!ended) co_return std::unexpected(db::to_api_error(ended.error()));
    is_ended = *ended;
  }
  if (!is_ended) co_return http::fail(404, "NOT_FOUND", "There is no such session.");
  parts_.bus.publish(cluster::LoginEnded{who.user_id, meant->sid, {}});
  co_return meant->sid == who.sid;
}

net::awaitable<http::Result<void>> AuthService::end_other_sessions(http::Principal who) {
  const auto ended = co_await parts_.store.end_others(who.user_id, who.sid, clock_());
  if (!ended) co_return std::unexpected(db::to_api_error(ended.error()));
  if (!*ended) co_return std::unexpected(unauthorized());
  parts_.bus.publish(cluster::LoginEnded{who.user_id, {}, who.sid});
  co_return http::Result<void>{};
}

net::awaitable<void> AuthService::notice_ended(std::map<std::string, std::string> logins) {
  std::vector<std::string> sids;
  for (const auto& [sid, user_id] : logins) sids.push_back(sid);
  const auto ended = co_await parts_.store.find_ended(std::move(sids), clock_());
  if (!ended) co_return;  // the database is away: later
  for (const std::string& sid : *ended) {
    parts_.bus.publish(cluster::LoginEnded{logins.at(sid), sid, {}});
  }
}

net::awaitable<http::Result<void>> AuthService::confirm_password(http::Principal who,
                                                                 std::string password) {
  const db::Timestamp started = clock_();
  Source source{{}, Device{who.user_id, who.sid}};
  auto found = co_await parts_.store.find_by_id(who.user_id, source, started);
  if (!found) co_return std::unexpected(db::to_api_error(found.error()));
  if (!found->account) co_return std::unexpected(unauthorized());
  if (const auto until = found->standing.locked_until(started)) {
    co_return std::unexpected(locked(*until, started));
  }
  const auto right =
      co_await parts_.passwords.verify(std::move(password), found->account->password_hash);
  if (!right) co_return std::unexpected(right.error());
  if (!*right) {
    http::ApiError error = co_await refuse(std::move(found->account), {}, std::move(source));
    if (error.status == 401) error = {403, "FORBIDDEN", "The current password is wrong.", {}, {}};
    co_return std::unexpected(std::move(error));
  }
  const db::Timestamp now = clock_();
  const auto passed =
      co_await parts_.store.clear_failures(std::move(*found->account), std::move(source), now);
  if (!passed) co_return std::unexpected(db::to_api_error(passed.error()));
  if (passed->status == AuthStore::Begun::Status::Locked) {
    co_return std::unexpected(locked(*passed->standing.locked_until(now), now));
  }
  if (passed->status == AuthStore::Begun::Status::Changed) {
    co_return http::fail(403, "FORBIDDEN", "The current password is wrong.");
  }
  co_return http::Result<void>{};
}

net::awaitable<http::Result<std::string>> AuthService::hash_password(std::string password) {
  return parts_.passwords.hash(std::move(password));
}

Rotation AuthService::rotation_of(const http::Principal& who, const Client& client) const {
  const db::Timestamp now = clock_();
  const LoginTokens* const tokens = &parts_.tokens;  // outlives every database thread
  auto successor_hash = [tokens, now, user_id = who.user_id,
                         sid = who.sid](std::string_view previous_hash) {
    return sha256_hex(tokens->make_successor(now, user_id, sid, previous_hash));
  };
  return {who.sid, client.record(), now, std::move(successor_hash)};
}

TokenPair AuthService::tokens_after(const Rotation& rotation, const user::User& user,
                                    std::string_view previous_hash) const {
  return {parts_.tokens.make_access(rotation.now, user, rotation.sid),
          parts_.tokens.make_successor(rotation.now, user.id, rotation.sid, previous_hash)};
}

net::awaitable<http::Result<http::Principal>> AuthService::authenticate(
    const http::Request& request) {
  const auto token = request.cookie("access_token");
  const auto claims =
      token ? parts_.tokens.read_access(clock_(), *token) : std::optional<AccessClaims>{};
  if (!claims) co_return std::unexpected(unauthorized());
  // Most requests find their login here, without a coroutine more and without a copy of the user.
  const std::optional<user::User>* user = parts_.logins.peek(claims->user_id, claims->sid);
  http::Result<std::optional<user::User>> read;
  if (user == nullptr) {
    read = co_await parts_.logins.find(claims->user_id, claims->sid);
    if (!read) co_return std::unexpected(read.error());
    user = &*read;
  }
  if (!*user || (*user)->token_version != claims->token_version) {
    co_return std::unexpected(unauthorized());
  }
  co_return http::Principal{(*user)->id, (*user)->username, (*user)->email, claims->sid};
}

net::awaitable<http::Result<std::optional<http::Principal>>> AuthService::identify(
    const http::Request& request) {
  if (!request.cookie("access_token")) co_return std::nullopt;
  auto principal = co_await authenticate(request);
  if (!principal) co_return std::unexpected(std::move(principal.error()));
  co_return std::move(*principal);
}

std::string AuthService::login_of(const http::Request& request) const {
  const auto token = request.cookie("access_token");
  auto claims = token ? parts_.tokens.read_old_access(*token) : std::optional<AccessClaims>{};
  return claims ? std::move(claims->sid) : std::string{};
}

}  // namespace server::auth
