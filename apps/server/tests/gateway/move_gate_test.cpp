#include "gateway/move_gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace server::gateway;

class MoveGateWorld : public testing::Test {
 protected:
  void run(net::awaitable<void> work) {
    net::co_spawn(io, std::move(work), net::detached);
    io.restart();
    io.poll();
  }
  net::awaitable<void> enter(std::string name) {
    const auto pass = co_await gate.pass();
    done += name + (pass.has_waited ? " waited " : " passed ");
  }
  net::awaitable<void> stay() { inside.emplace(co_await gate.pass()); }
  net::awaitable<void> close() {
    auto made = co_await gate.close(1h);
    if (made) closed.emplace(std::move(*made));
    done += closed ? "closed " : "open ";
  }
  net::awaitable<void> close_for_a_moment() {
    done += co_await gate.close(0s) ? "closed " : "open ";
  }

  net::io_context io;
  MoveGate gate{io};
  std::optional<MoveGate::Pass> inside;
  std::optional<MoveGate::Closed> closed;
  std::string done;
};

TEST_F(MoveGateWorld, LetsInWhileItIsOpen) {
  run(enter("a"));
  EXPECT_EQ(done, "a passed ");
}

TEST_F(MoveGateWorld, KeepsWhoComesWhileItIsClosedInOrder) {
  run(close());
  EXPECT_TRUE(gate.is_closed());
  run(enter("a"));
  run(enter("b"));
  gate.when_open([this] { done += "work "; });
  EXPECT_EQ(done, "closed ");
  closed.reset();
  EXPECT_FALSE(gate.is_closed());
  io.restart();
  io.poll();
  EXPECT_EQ(done, "closed work a waited b waited ");
}

TEST_F(MoveGateWorld, ClosesWhenTheLastOneHasLeft) {
  run(stay());
  run(close());
  EXPECT_EQ(done, "");
  run(enter("a"));
  inside.reset();
  io.restart();
  io.poll();
  EXPECT_EQ(done, "closed ");
}

TEST_F(MoveGateWorld, IsClosedByOneAtATime) {
  run(close());
  run(close_for_a_moment());
  EXPECT_EQ(done, "closed ");
  closed.reset();
  io.restart();
  io.poll();
  EXPECT_EQ(done, "closed closed ");
  EXPECT_FALSE(gate.is_closed());
}

TEST_F(MoveGateWorld, OpensAgainWhenSomebodyStaysTooLong) {
  run(stay());
  run(close_for_a_moment());
  EXPECT_EQ(done, "open ");
  EXPECT_FALSE(gate.is_closed());
  run(enter("a"));
  EXPECT_EQ(done, "open a passed ");
}

}  // namespace
