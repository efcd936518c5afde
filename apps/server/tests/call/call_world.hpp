// A call on a real database, whose rooms can be stopped between a check and the entry after it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "../auth/accounts_world.hpp"
#include "call/host_service.hpp"
#include "call/peer_service.hpp"
#include "recording_audience.hpp"

namespace server::call {

class CallWorld {
 public:
  explicit CallWorld(const db::DatabaseUrl& url) : accounts(url) {
    rooms.on_change([this](const room::Room& room) { call.learn(room); });
  }

  // Starts `work`; what it gives, once it has come to its end.
  template <class T>
  std::shared_ptr<std::optional<T>> start(net::awaitable<T> work) {
    auto result = std::make_shared<std::optional<T>>();
    net::co_spawn(accounts.io, std::move(work), [result](std::exception_ptr failure, T value) {
      EXPECT_FALSE(failure);
      result->emplace(std::move(value));
    });
    return result;
  }
  template <class Condition>
  void run_until(Condition condition) {
    accounts.io.restart();
    for (int i = 0; i < 10'000 && !condition(); ++i) {
      accounts.io.run_one_for(std::chrono::seconds(30));
    }
    ASSERT_TRUE(condition());
  }
  template <class T>
  T finish(const std::shared_ptr<std::optional<T>>& result) {
    run_until([&] { return result->has_value(); });
    return std::move(**result);
  }
  template <class T>
  T run(net::awaitable<T> work) {
    return finish(start(std::move(work)));
  }

  // Closed until destroyed: whoever is on the way into the room has passed the first check and
  // waits for its turn.
  class Gate {
   public:
    Gate(CallWorld& world, RoomLock& lock) {
      auto taken = std::make_shared<bool>(false);
      net::co_spawn(world.accounts.io, take(lock, hold_, taken), net::detached);
      world.run_until([&] { return *taken; });
    }
    void open() { hold_.reset(); }

   private:
    static net::awaitable<void> take(RoomLock& lock, std::optional<RoomLock::Hold>& hold,
                                     std::shared_ptr<bool> taken) {
      hold.emplace(co_await lock.acquire());
      *taken = true;
    }
    std::optional<RoomLock::Hold> hold_;
  };

  testing::AccountsWorld accounts;
  // Called once, when a visit is about to be recorded: after the second check.
  std::function<void()> at_visit;
  room::RoomService rooms{accounts.room_store, accounts.bus,
                          [this] {
                            if (auto act = std::exchange(at_visit, nullptr)) act();
                            return accounts.now;
                          },
                          accounts.random};
  RecordingAudience audience;
  Calls calls{audience, {.peers_max = 3, .p2p_peers_max = 2}};
  sfu::SfuService sfu{accounts.io.get_executor(),
                      {.workers = 1,
                       .listen_ip = IpAddress::parse("127.0.0.1"),
                       .port = 0,
                       .announced = {},
                       .tcp_announced_port = 0,
                       .worker_peers = 50},
                      accounts.random};
  Instant now = Instant::at(std::chrono::seconds(100));
  CallService call{{audience,
                    calls,
                    rooms,
                    accounts.users,
                    accounts.chat,
                    sfu,
                    {.may_ask = [](const IpAddress&) { return http::Result<void>{}; },
                     .count = [](const IpAddress&) {}},
                    [this] { return now; }}};
  PeerService peers{{audience, calls, accounts.chat}};
  MediaService media{{audience, calls, sfu}};
  HostService host{{audience, calls, call, rooms, media}};
};

}  // namespace server::call
