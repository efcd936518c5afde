#include "rtc/cc/loss_window.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using rtc::LossWindow;
using rtc::PacketResult;

void feed(LossWindow& window, int arrived, int lost) {
  for (int i = 0; i < arrived; ++i) window.on_packet(PacketResult{.arrival = 1ms});
  for (int i = 0; i < lost; ++i) window.on_packet(PacketResult{.arrival = std::nullopt});
}

TEST(LossWindow, TellsThePartThatWasLostOfEachHalfSecond) {
  LossWindow window;
  EXPECT_FALSE(window.poll(Instant::at(1s)));
  feed(window, 30, 10);
  EXPECT_FALSE(window.poll(Instant::at(1499ms)));
  EXPECT_EQ(window.poll(Instant::at(1500ms)), 0.25);
  EXPECT_FALSE(window.poll(Instant::at(1500ms)));
  feed(window, 40, 0);
  EXPECT_EQ(window.poll(Instant::at(2s)), 0.0);
}

TEST(LossWindow, WaitsForEnoughToSayAnything) {
  LossWindow window;
  window.poll(Instant());
  feed(window, 10, 9);
  EXPECT_FALSE(window.poll(Instant::at(10s)));
  feed(window, 1, 0);
  EXPECT_EQ(window.poll(Instant::at(10s)), 0.45);
}

TEST(LossWindow, WhatCameAfterAllWasNotLost) {
  LossWindow window;
  window.poll(Instant());
  feed(window, 19, 1);
  window.on_packet(PacketResult{.arrival = 5ms, .was_lost = true});
  window.on_packet(PacketResult{.arrival = 5ms, .was_lost = true});  // of the window before
  EXPECT_EQ(window.poll(Instant::at(1s)), 0.0);
}

}  // namespace
