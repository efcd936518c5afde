// What people in a room may send, through decode() to every service behind it, on a database and a
// media worker of its own. The input is text, a step a line, each of which begins with the digit of
// who does it (0 is the host, 1 another account, the others are guests):
//
//   0 join:room {"roomCode":"room"}     an event, with a callback when the digit is followed by `!`
//   1~   the connection is lost         1+   it is back, or a new one where there is none
//   1-   it ends for good               9    time passes
//
// In the arguments the texts "$I" (the room's id), "$S", "$R" (own transports, to send and to
// receive), "$P" (the last producer), "$C" (own last consumer) and "$0" to "$3" (people) become the
// ids that these have.
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>

#include "app/meetings.hpp"
#include "application.hpp"
#include "base/bytes.hpp"
#include "http/session.hpp"
#include "sfu/ask_worker.hpp"

namespace {

using fuzz::require;
using fuzz::run;
namespace app = server::app;
namespace gateway = server::gateway;
namespace json = boost::json;
namespace net = boost::asio;

constexpr std::size_t kStepsMax = 200;
constexpr std::size_t kPeople = 4;
constexpr std::size_t kInputMax = 64 * 1024;
// What a room of four may hold for whatever they say: transports with their DTLS, consumers with
// what they were sent, and the room's own.
constexpr std::size_t kHeldMax = 32 * 1024 * 1024;
// What one event makes the server say, to all of them together.
constexpr std::size_t kSaidMax = 1024 * 1024;
constexpr int kDepthMax = 32;

// The sockets' side: counts what is said, and keeps the last ids that a client would know.
class Sockets final : public gateway::Gateway {
 public:
  void emit(const gateway::SocketId&, std::string_view, const json::value& payload) override {
    say(payload);
  }
  void acknowledge(const gateway::SocketId&, gateway::AckId, const json::value& payload) override {
    say(payload);
    answer = payload;
  }
  void broadcast(std::string_view, std::string_view, const json::value& payload,
                 std::span<const gateway::SocketId>) override {
    say(payload);
  }
  void broadcast_fleeting(std::string_view, std::string_view, const json::value& payload) override {
    say(payload);
  }
  void join(const gateway::SocketId&, std::string_view) override {}
  void leave(const gateway::SocketId&, std::string_view) override {}
  void disconnect(const gateway::SocketId&) override {}
  void drop(const gateway::SocketId&) override {}

  json::value answer;
  std::size_t said = 0;  // octets

 private:
  void say(const json::value& payload) { said += json::serialize(payload).size(); }
};

class World {
 public:
  explicit World(const fuzz::Template& made) : made_(made) {
    meetings_.audience.attach(sockets_);
    for (std::size_t i = 0; i < kPeople; ++i) come(i);
    // The database and the workers begin with the first question.
    handle(0, "join:room", {json::object{{"roomCode", "other"}}}, false);
    handle(0, "leave:room", {}, false);
    heap_.emplace();
  }
  ~World() {
    for (std::size_t i = 0; i < kPeople; ++i) meetings_.calls.disconnect(name_of(i), "left");
    require(meetings_.calls.connection_count() == 0 && meetings_.calls.member_count() == 0);
    auto count = [](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
      return engine.transport_count() + engine.producer_count() + engine.consumer_count();
    };
    const auto left = run(io_, server::sfu::ask_worker(*sfu_.workers().front(), count));
    require(left == std::size_t{0});
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void step(std::string_view line) {
    if (line.empty()) return;
    if (line.front() == '9') {
      meetings_.call.tick();
      sfu_.tick(server::http::steady_now());
      return;
    }
    const auto who = static_cast<std::size_t>(line.front() - '0');
    if (who >= kPeople || line.size() < 2) return;
    const gateway::SocketId socket = name_of(who);
    switch (line[1]) {
      case '~':
        if (is_there_[who]) handlers_.on_disconnect(socket, {"transport close", true});
        return;
      case '-':
        handlers_.on_disconnect(socket, {"client namespace disconnect", false});
        is_there_[who] = false;
        return;
      case '+':
        if (!is_there_[who]) return come(who);
        (void)run(io_, meetings_.call.returned(socket, identity_of(who)));
        return;
      default:
        return say(who, line.substr(1));
    }
  }

 private:
  static gateway::SocketId name_of(std::size_t who) { return "peer-" + std::to_string(who); }
  server::call::Identity identity_of(std::size_t who) const {
    const std::string number = std::to_string(who);
    if (who < made_.users.size()) {
      return {.user_id = made_.users[who],
              .guest_id = {},
              .name = "person" + number,
              .sid = "sid" + number,
              .address = "::1"};
    }
    return {.user_id = {},
            .guest_id = "guest-" + number,
            .name = "Guest " + number,
            .sid = {},
            .address = "::1"};
  }
  void come(std::size_t who) {
    meetings_.calls.connect(name_of(who), identity_of(who));
    is_there_[who] = true;
  }

  void say(std::size_t who, std::string_view rest) {
    const bool has_callback = rest.starts_with('!');
    rest.remove_prefix(1);
    const std::string_view name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    json::array args;
    if (!rest.empty()) {
      boost::system::error_code wrong;
      json::parse_options options;
      options.max_depth = kDepthMax;
      json::value payload = json::parse(rest, wrong, {}, options);
      if (wrong) return;
      fill_in(who, payload);
      args.push_back(std::move(payload));
    }
    handle(who, std::string(name), std::move(args), has_callback);
  }
  void handle(std::size_t who, std::string name, json::array args, bool has_callback) {
    if (!is_there_[who]) return;
    sockets_.said = 0;
    sockets_.answer = nullptr;
    gateway::ClientEvent event{name_of(who), std::move(name), std::move(args), {}};
    // The answer is wanted in any case: it has the ids.
    if (has_callback || event.name.starts_with("sfu:")) event.ack = 1;
    (void)run(io_, done(handlers_.on_event(std::move(event))));
    learn(who);
    require(sockets_.said <= kSaidMax);
    if (heap_) heap_->require_at_most(kHeldMax);
  }
  static net::awaitable<bool> done(net::awaitable<void> work) {
    co_await std::move(work);
    co_return true;
  }

  void learn(std::size_t who) {
    const json::object* answer = sockets_.answer.if_object();
    if (answer == nullptr) return;
    const auto keep = [&](std::string_view name, std::string& id) {
      const json::value* value = answer->if_contains(name);
      if (value != nullptr && value->is_string()) id = value->get_string();
      if (value != nullptr && value->is_object()) id = value->at("id").as_string();
    };
    keep("sendTransport", own_[who].send);
    keep("recvTransport", own_[who].receive);
    keep("producerId", producer_);
    keep("consumerId", own_[who].consumer);
  }
  void fill_in(std::size_t who, json::value& value) const {
    if (auto* object = value.if_object()) {
      for (auto& [key, member] : *object) fill_in(who, member);
    } else if (auto* array = value.if_array()) {
      for (json::value& member : *array) fill_in(who, member);
    } else if (auto* text = value.if_string(); text != nullptr && text->size() == 2) {
      if (*text == "$I")
        value = made_.room_id;
      else if (*text == "$S")
        value = own_[who].send;
      else if (*text == "$R")
        value = own_[who].receive;
      else if (*text == "$C")
        value = own_[who].consumer;
      else if (*text == "$P")
        value = producer_;
      else if (text->front() == '$' && text->back() >= '0' && text->back() <= '3')
        value = name_of(static_cast<std::size_t>(text->back() - '0'));
    }
  }

  struct Own {
    std::string send;
    std::string receive;
    std::string consumer;
  };

  std::optional<fuzz::HeapBudget> heap_;  // from when the application is at rest
  const fuzz::Template& made_;
  fuzz::DatabaseCopy copy_{made_};
  app::Config config_ = fuzz::config_for(copy_.path);
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> more_to_come_{io_.get_executor()};
  SeededRandom random_{1};
  server::cluster::Bus bus_;
  server::http::Origins origins_{"http://localhost", {}};
  Sockets sockets_;
  server::http::Addresses addresses_{true};
  app::Accounts accounts_{config_, {}, bus_, random_};
  server::sfu::SfuService sfu_{
      io_.get_executor(),
      {.listen_ip = IpAddress::parse("127.0.0.1"), .port = 0, .announced = {}},
      random_};
  app::Meetings meetings_{
      io_, {.addresses = addresses_}, accounts_, sfu_, origins_, bus_, nullptr, random_};
  gateway::Handlers handlers_ = meetings_.events.handlers(sockets_);
  std::array<bool, kPeople> is_there_{};
  std::array<Own, kPeople> own_;
  std::string producer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Template made;
  World world(made);
  fuzz::each_line(Bytes(data, std::min(size, kInputMax)), kStepsMax,
                  [&](std::string_view line) { world.step(line); });
  return 0;
}
