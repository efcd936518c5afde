// What a server hears from the others of its cluster, through a Redis that says what the input
// says. The input is text, a message a line:
//
//   a emit {"socket":"s", …}     server `a` (or `b`) says `emit` with this body
//   a?event {"socket":"s", …}    the same, as a question
//   = …                           the rest of the line, as it is
#include <hiredis/hiredis.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/clustering.hpp"
#include "app/meetings.hpp"
#include "application.hpp"
#include "base/bytes.hpp"

namespace {

using fuzz::require;
using fuzz::run;
namespace app = server::app;
namespace json = boost::json;
using fuzz::net::ip::tcp;
namespace net = fuzz::net;

constexpr std::size_t kStepsMax = 100;
constexpr std::size_t kInputMax = 64 * 1024;
constexpr std::size_t kHeldMax = 32 * 1024 * 1024;
constexpr auto kQuiet = net::as_tuple(net::use_awaitable);
constexpr std::string_view kAll = "webrtc-chat:all";

// As much of Redis as a server needs to believe that it is one of several.
class FakeRedis {
 public:
  explicit FakeRedis(net::io_context& io)
      : io_(io), acceptor_(io, {net::ip::address_v4::loopback(), 0}) {
    net::co_spawn(io_, accept(), [](std::exception_ptr) {});
  }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

  void publish(std::string_view text) {
    if (listener_ == nullptr) return;
    outgoing_ += "*3\r\n" + bulk("message") + bulk(kAll) + bulk(text);
    flush();
  }
  void close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (const auto& socket : sockets_) socket->close(ignored);
  }

 private:
  using Socket = std::shared_ptr<tcp::socket>;

  static std::string bulk(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
  }
  void flush() {
    boost::system::error_code ignored;
    net::write(*listener_, net::buffer(std::exchange(outgoing_, {})), ignored);
  }
  net::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(kQuiet);
      if (error) co_return;
      sockets_.push_back(std::make_shared<tcp::socket>(std::move(socket)));
      net::co_spawn(io_, serve(sockets_.back()), [](std::exception_ptr) {});
    }
  }
  net::awaitable<void> serve(Socket socket) {
    const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(),
                                                                          redisReaderFree);
    std::array<char, 4096> buffer{};
    for (;;) {
      const auto [error, size] = co_await socket->async_read_some(net::buffer(buffer), kQuiet);
      if (error) co_return;
      redisReaderFeed(reader.get(), buffer.data(), size);
      for (void* raw = nullptr;
           redisReaderGetReply(reader.get(), &raw) == REDIS_OK && raw != nullptr;) {
        const std::unique_ptr<void, decltype(&freeReplyObject)> owned(raw, freeReplyObject);
        const std::string answer = answer_to(*static_cast<const redisReply*>(raw), socket);
        boost::system::error_code ignored;
        net::write(*socket, net::buffer(answer), ignored);
        raw = nullptr;
      }
    }
  }
  std::string answer_to(const redisReply& command, const Socket& socket) {
    const auto word = [&](std::size_t i) {
      return i < command.elements
                 ? std::string_view(command.element[i]->str, command.element[i]->len)
                 : std::string_view();
    };
    if (word(0) == "SUBSCRIBE" || word(0) == "PSUBSCRIBE") {
      std::string answer;
      for (std::size_t i = 1; i < command.elements; ++i) {
        if (word(i) == kAll) listener_ = socket;
        answer += "*3\r\n" + bulk("subscribe") + bulk(word(i)) + ":" + std::to_string(i) + "\r\n";
      }
      return answer;
    }
    if (word(0) == "PUBLISH") return ":1\r\n";
    if (word(0).starts_with("GET")) return "$-1\r\n";
    if (word(0).starts_with("EVAL")) return "$-1\r\n";
    return "+OK\r\n";
  }

  net::io_context& io_;
  tcp::acceptor acceptor_;
  std::vector<Socket> sockets_;
  Socket listener_;
  std::string outgoing_;
};

class World {
 public:
  explicit World(const fuzz::Template& made) : copy_(made), config_(fuzz::config_for(copy_.path)) {
    config_.redis = server::cluster::RedisUrl{.host = "127.0.0.1", .port = redis_.port()};
    config_.node_id = "self";
    accounts_.emplace(config_, server::http::RateLimiter::Shared{}, bus_, random_);
    clustering_.emplace(io_, config_, bus_, random_);
    meetings_.emplace(io_, app::MeetingOptions{.addresses = addresses_}, *accounts_, sfu_, origins_,
                      bus_, &*clustering_, random_);
    const auto forget = [](std::exception_ptr) {};
    net::co_spawn(io_, clustering_->redis.run(), forget);
    while (!clustering_->redis.is_connected()) require(io_.run_one_for(kPatience) > 0);
    net::co_spawn(io_, clustering_->nodes.listen(), forget);
    while (!clustering_->nodes.is_connected()) require(io_.run_one_for(kPatience) > 0);
    heap_.emplace();
  }
  ~World() {
    redis_.close();
    io_.stop();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void step(std::string_view line) {
    if (line.size() < 3) return;
    if (line.front() == '=') {
      say(line.substr(1));
    } else {
      const std::string_view name = line.substr(2, line.find(' ', 2) - 2);
      const std::string_view body = line.substr(std::min(line.size(), 2 + name.size()));
      std::string text = R"({"from":"node-)" + std::string(1, line.front()) + R"(","count":)" +
                         std::to_string(++count_) + R"(,"name":)" +
                         json::serialize(json::value(name)) + R"(,"body":)" + std::string(body);
      if (line[1] == '?') text += R"(,"question":)" + std::to_string(++question_);
      say(text + "}");
    }
    settle();
    heap_->require_at_most(kHeldMax);
  }

 private:
  static constexpr std::chrono::seconds kPatience{10};

  // As a server that has our secret: what is behind the seal is to be reached.
  void say(std::string_view text) { redis_.publish(clustering_->seal.close(kAll, text)); }

  void settle() {
    for (int idle = 0; idle < 3;) idle = io_.poll() == 0 ? idle + 1 : 0;
  }

  std::optional<fuzz::HeapBudget> heap_;  // from when the application is at rest
  fuzz::DatabaseCopy copy_;
  app::Config config_;
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> more_to_come_{io_.get_executor()};
  FakeRedis redis_{io_};
  SeededRandom random_{1};
  server::cluster::Bus bus_;
  server::http::Origins origins_{"http://localhost", {}};
  server::sfu::SfuService sfu_{
      io_.get_executor(),
      {.listen_ip = IpAddress::parse("127.0.0.1"), .port = 0, .announced = {}},
      random_};
  server::http::Addresses addresses_{true};
  std::optional<app::Accounts> accounts_;
  std::optional<app::Clustering> clustering_;
  std::optional<app::Meetings> meetings_;
  std::uint64_t count_ = 0;
  std::uint64_t question_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Template made;
  World world(made);
  fuzz::each_line(Bytes(data, std::min(size, kInputMax)), kStepsMax,
                  [&](std::string_view line) { world.step(line); });
  return 0;
}
