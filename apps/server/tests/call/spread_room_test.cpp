// A room on two workers: who is where, and what one worker hands to the other.
#include <set>

#include "media_world.hpp"

namespace server::call {
namespace {

class SpreadRoomTest : public MediaWorld {
 protected:
  SpreadRoomTest() : MediaWorld(2, 2) {
    for (const PeerId peer : {"cy", "dee"}) come(peer, "r", guest(peer));
  }

  std::size_t worker_of(const MediaJoined& joined) {
    const auto port = joined.transports.send.at("iceCandidates").at(0).at("port");
    return port.to_number<std::uint16_t>() == sfu_.workers()[0]->port() ? 0 : 1;
  }
  std::string camera_of(const PeerId& peer, const MediaJoined& joined) {
    auto reply = produce(peer, joined, vp8(8), "video", "camera");
    EXPECT_EQ(code(reply), "ok");
    return std::get<Produced>(*reply).id;
  }
  std::string consumer_of(const PeerId& peer, const std::string& producer) {
    auto reply = consume(peer, producer);
    EXPECT_EQ(code(reply), "ok");
    return std::get<Consumed>(*reply).consumer.id;
  }
  // What the engine of a worker has, in the order of its commands.
  struct Held {
    std::size_t producers;
    std::size_t consumers;
    std::size_t pipes;

    friend bool operator==(const Held&, const Held&) = default;
    friend void PrintTo(const Held& held, std::ostream* out) {
      *out << held.producers << " producers, " << held.consumers << " consumers, " << held.pipes
           << " pipes";
    }
  };
  Held held_by(std::size_t worker) {
    auto count = [](Instant, rtc::MediaEngine& engine, rtc::Outbox&) {
      return Held{engine.producer_count(), engine.consumer_count(), engine.pipe_count()};
    };
    return run(sfu::ask_worker(*sfu_.workers()[worker], count)).value();
  }
  void expect_nothing_left() {
    for (const std::size_t worker : {0U, 1U}) {
      EXPECT_EQ(held_by(worker), (Held{0, 0, 0}));
      EXPECT_EQ(objects_on(worker), 0U);
    }
  }
};

TEST_F(SpreadRoomTest, WhoComesWhenAWorkerHasEnoughGoesToTheLeastLoaded) {
  EXPECT_EQ(worker_of(join("ada")), 0U);
  EXPECT_EQ(worker_of(join("bo")), 0U);
  EXPECT_EQ(worker_of(join("cy")), 1U);
  calls_.leave("ada", "left");
  EXPECT_EQ(worker_of(join("dee")), 0U) << "where the room began, now that there is room";
  EXPECT_EQ(worker_of(join("eve", "q")), 1U);
}

TEST_F(SpreadRoomTest, APictureCrossesOnceForAllWhoWatchItThere) {
  const std::string camera = camera_of("ada", join("ada"));
  for (const PeerId peer : {"bo", "cy", "dee"}) join(peer);
  consumer_of("bo", camera);
  EXPECT_EQ(held_by(0), (Held{1, 1, 0}));
  EXPECT_EQ(held_by(1), (Held{0, 0, 0}));
  const std::string one = consumer_of("cy", camera);
  consumer_of("dee", camera);
  EXPECT_EQ(held_by(0), (Held{1, 1, 1}));
  EXPECT_EQ(held_by(1), (Held{1, 2, 0}));

  EXPECT_EQ(code(media_.close("cy", CloseConsumer{one})), "ok");
  EXPECT_EQ(held_by(1), (Held{1, 1, 0}));
  calls_.leave("dee", "left");
  EXPECT_EQ(held_by(0), (Held{1, 1, 0})) << "nobody is left who watches it there";
  EXPECT_EQ(held_by(1), (Held{0, 0, 0}));
  consumer_of("cy", camera);
  EXPECT_EQ(held_by(0), (Held{1, 1, 1}));
  EXPECT_EQ(held_by(1), (Held{1, 1, 0}));
}

TEST_F(SpreadRoomTest, VoicesCrossToWhereverTheRoomIs) {
  const std::string mic = mic_of("ada", join("ada"));
  join("bo");
  EXPECT_EQ(held_by(0), (Held{1, 0, 0}));
  const MediaJoined cy = join("cy");
  EXPECT_EQ(held_by(0), (Held{1, 0, 1})) << "when the room comes to the other worker";
  EXPECT_EQ(held_by(1), (Held{1, 0, 0}));
  mic_of("cy", cy);
  EXPECT_EQ(held_by(0), (Held{2, 0, 1})) << "and back";
  EXPECT_EQ(held_by(1), (Held{2, 0, 1}));
  consumer_of("cy", mic);
  EXPECT_EQ(held_by(0), (Held{2, 0, 1}));
  calls_.leave("cy", "left");
  EXPECT_EQ(held_by(0), (Held{1, 0, 0}));
  EXPECT_EQ(held_by(1), (Held{0, 0, 0}));
}

TEST_F(SpreadRoomTest, NothingCrossesBetweenRooms) {
  mic_of("ada", join("ada"));
  join("bo");
  join("eve", "q");
  EXPECT_EQ(held_by(1), (Held{0, 0, 0}));
}

TEST_F(SpreadRoomTest, AClosedProducerEndsOnBothWorkers) {
  const MediaJoined ada = join("ada");
  const std::string mic = mic_of("ada", ada);
  const std::string camera = camera_of("ada", ada);
  join("bo");
  join("cy");
  const std::string consumer = consumer_of("cy", camera);
  for (const bool paused : {true, false}) {
    EXPECT_EQ(code(paused ? media_.pause("ada", PauseProducer{camera})
                          : media_.resume("ada", ResumeProducer{camera})),
              "ok");
  }
  EXPECT_EQ(code(media_.close("ada", CloseProducer{camera})), "ok");
  EXPECT_EQ(code(media_.resume("cy", ResumeConsumer{consumer})), "SFU_ERROR");
  EXPECT_EQ(held_by(0), (Held{1, 0, 1}));
  EXPECT_EQ(held_by(1), (Held{1, 0, 0}));
  EXPECT_EQ(code(media_.close("ada", CloseProducer{mic})), "ok");
  EXPECT_EQ(held_by(0), (Held{0, 0, 0}));
  EXPECT_EQ(held_by(1), (Held{0, 0, 0}));
}

TEST_F(SpreadRoomTest, EverybodyLeavesAndNothingIsLeft) {
  std::vector<std::string> producers;
  for (const PeerId peer : {"ada", "bo", "cy", "dee"}) {
    const MediaJoined joined = join(peer);
    producers.push_back(mic_of(peer, joined));
    producers.push_back(camera_of(peer, joined));
  }
  for (std::size_t i = 0; i < producers.size(); ++i) {
    for (std::size_t who = 0; who < 4; ++who) {
      constexpr std::array kPeers{"ada", "bo", "cy", "dee"};
      if (who != i / 2) consumer_of(kPeers[who], producers[i]);
    }
  }
  EXPECT_EQ(held_by(0), (Held{8, 12, 4}));
  EXPECT_EQ(held_by(1), (Held{8, 12, 4}));
  calls_.leave("ada", "left");
  calls_.leave("bo", "left");  // the last of where the room began
  EXPECT_EQ(held_by(0), (Held{0, 0, 0}));
  EXPECT_EQ(held_by(1), (Held{4, 4, 0}));
  calls_.leave("cy", "left");
  calls_.leave("dee", "left");
  expect_nothing_left();
}

TEST_F(SpreadRoomTest, WhoLeavesWhileAPictureIsSetUpLeavesNothing) {
  const std::string camera = camera_of("ada", join("ada"));
  join("bo");
  join("cy");
  const auto consuming = start(media_.consume("cy", Consume{camera, nullptr}));
  io_.poll_one();  // as far as the worker, whose answer waits
  calls_.leave("cy", "left");
  EXPECT_EQ(code(finish(consuming)), "SFU_ERROR");
  calls_.leave("ada", "left");
  calls_.leave("bo", "left");
  expect_nothing_left();
}

}  // namespace
}  // namespace server::call
