// Who may do what through the SFU, with a media worker of its own behind it.
#include "call/media_service.hpp"

#include "media_world.hpp"

namespace server::call {
namespace {

using MediaServiceTest = MediaWorld;

TEST_F(MediaServiceTest, OnlyTheRoomThatOneIsInCanBeJoined) {
  EXPECT_EQ(code(run(media_.join("ada", {"q", sfu_.router_rtp_capabilities()}))), "NOT_IN_ROOM");
  calls_.leave("ada", "left");
  EXPECT_EQ(code(run(media_.join("ada", {"r", sfu_.router_rtp_capabilities()}))), "NOT_IN_ROOM");
  EXPECT_EQ(code(run(media_.join("bo", {"r", json::object{{"codecs", 1}}}))), "VALIDATION_ERROR");
}

TEST_F(MediaServiceTest, WhoJoinsGetsTheProducersOfTheOthers) {
  const MediaJoined ada = join("ada");
  EXPECT_TRUE(ada.producers.empty());
  const std::string mic = mic_of("ada", ada);
  const MediaJoined bo = join("bo");
  ASSERT_EQ(bo.producers.size(), 1U);
  EXPECT_EQ(bo.producers[0].id, mic);
  EXPECT_EQ(bo.producers[0].peer, "ada");
  EXPECT_EQ(bo.producers[0].user_id, "u");
  EXPECT_EQ(bo.producers[0].source, "mic");
  EXPECT_TRUE(join("eve", "q").producers.empty());
}

TEST_F(MediaServiceTest, TheOthersLearnOfAProducerOnceForEachChange) {
  const std::string mic = mic_of("bo", join("bo"));
  const auto created = audience_.heard<ProducerCreated>("room r but bo");
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].producer.id, mic);
  EXPECT_EQ(created[0].producer.user_id, std::nullopt) << "a guest";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(code(media_.pause("bo", PauseProducer{mic})), "ok");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(code(media_.resume("bo", ResumeProducer{mic})), "ok");
  const auto changes = audience_.heard<ProducerPaused>("room r but bo");
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_TRUE(changes[0].paused);
  EXPECT_FALSE(changes[1].paused);
  EXPECT_EQ(code(media_.close("bo", CloseProducer{mic})), "ok");
  EXPECT_EQ(audience_.heard<ProducerClosed>("room r but bo").size(), 1U);
  EXPECT_EQ(code(media_.close("bo", CloseProducer{mic})), "SFU_ERROR");
  EXPECT_TRUE(join("ada").producers.empty());
}

TEST_F(MediaServiceTest, NobodyTouchesWhatIsNotTheirs) {
  const MediaJoined ada = join("ada");
  const MediaJoined bo = join("bo");
  join("eve", "q");
  const std::string mic = mic_of("ada", ada);
  auto consumed = consume("bo", mic);
  ASSERT_EQ(code(consumed), "ok");
  EXPECT_EQ(std::get<Consumed>(*consumed).peer, "ada");
  const std::string consumer = std::get<Consumed>(*consumed).consumer.id;

  EXPECT_EQ(code(consume("eve", mic)), "SFU_ERROR") << "another room";
  EXPECT_EQ(code(consume("ada", mic)), "SFU_ERROR") << "one's own";
  EXPECT_EQ(code(consume("bo", "nothing")), "SFU_ERROR");
  for (const PeerId peer : {"bo", "eve"}) {
    EXPECT_EQ(code(media_.pause(peer, PauseProducer{mic})), "SFU_ERROR");
    EXPECT_EQ(code(media_.resume(peer, ResumeProducer{mic})), "SFU_ERROR");
    EXPECT_EQ(code(media_.close(peer, CloseProducer{mic})), "SFU_ERROR");
    EXPECT_EQ(code(run(media_.restart_ice(peer, {id_of(ada.transports.send)}))), "SFU_ERROR");
    EXPECT_EQ(code(media_.connect(peer, {id_of(ada.transports.send), json::object{}})),
              "SFU_ERROR");
    EXPECT_EQ(code(produce(peer, ada, opus(9), "audio", "mic")), "SFU_ERROR");
  }
  for (const PeerId peer : {"ada", "eve"}) {
    EXPECT_EQ(code(media_.resume(peer, ResumeConsumer{consumer})), "SFU_ERROR");
    EXPECT_EQ(code(media_.pause(peer, PauseConsumer{consumer})), "SFU_ERROR");
    EXPECT_EQ(code(media_.close(peer, CloseConsumer{consumer})), "SFU_ERROR");
    EXPECT_EQ(code(media_.request_key_frame(peer, {consumer})), "SFU_ERROR");
    EXPECT_EQ(code(media_.prefer_layers(peer, {consumer, 0, {}})), "SFU_ERROR");
  }
  EXPECT_TRUE(audience_.heard<ProducerPaused>("room r but ada").empty());
  EXPECT_EQ(code(media_.resume("bo", ResumeConsumer{consumer})), "ok");
  EXPECT_EQ(code(media_.prefer_layers("bo", {consumer, 0, 1})), "ok");
  EXPECT_EQ(code(media_.request_key_frame("bo", {consumer})), "ok");
  EXPECT_EQ(code(media_.close("bo", CloseConsumer{consumer})), "ok");
}

TEST_F(MediaServiceTest, AProducerIsConsumedOnceAtATime) {
  const std::string mic = mic_of("ada", join("ada"));
  join("bo");
  const auto first = start(media_.consume("bo", {mic, sfu_.router_rtp_capabilities()}));
  const auto racing = start(media_.consume("bo", {mic, sfu_.router_rtp_capabilities()}));
  const auto consumed = finish(first);
  ASSERT_EQ(code(consumed), "ok");
  EXPECT_EQ(code(finish(racing)), "SFU_ERROR") << "the first one is still being made";
  for (int i = 0; i < 40; ++i) EXPECT_EQ(code(consume("bo", mic)), "SFU_ERROR");
  EXPECT_EQ(objects_on(0), 2U * 2 + 1 + 1) << "transports, a producer, a consumer";
  const std::string consumer = std::get<Consumed>(*consumed).consumer.id;
  EXPECT_EQ(code(media_.close("bo", CloseConsumer{consumer})), "ok");
  EXPECT_EQ(code(consume("bo", mic)), "ok") << "again, after the first was closed";
}

TEST_F(MediaServiceTest, WithoutJoiningThereIsNothing) {
  EXPECT_EQ(code(run(media_.stats("ada"))), "SFU_ERROR");
  EXPECT_EQ(code(media_.pause("ada", PauseProducer{"x"})), "SFU_ERROR");
  calls_.leave("ada", "left");
  EXPECT_EQ(code(run(media_.stats("ada"))), "NOT_IN_ROOM");
  EXPECT_EQ(code(media_.close("ada", CloseConsumer{"x"})), "NOT_IN_ROOM");
}

TEST_F(MediaServiceTest, LeavingEndsEverythingAndTheOthersLearnItFirst) {
  const std::string mic = mic_of("ada", join("ada"));
  join("bo");
  ASSERT_EQ(code(consume("bo", mic)), "ok");
  audience_.clear();
  calls_.leave("ada", "left");
  ASSERT_GE(audience_.told.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<ProducerClosed>(audience_.told[0].notice));
  EXPECT_TRUE(std::holds_alternative<PeerLeft>(audience_.told[1].notice));
  EXPECT_FALSE(sfu_.has_joined("ada"));
  EXPECT_EQ(objects_on(0), 2U) << "bo's transports";
  calls_.hold("bo");
  EXPECT_FALSE(sfu_.has_joined("bo"));
  EXPECT_EQ(objects_on(0), 0U);
}

TEST_F(MediaServiceTest, AnEndedCallLeavesNothing) {
  mic_of("ada", join("ada"));
  join("bo");
  const auto room = calls_.find_room("r");
  calls_.close(*room, "ended");
  EXPECT_TRUE(room->producers.empty());
  EXPECT_EQ(objects_on(0), 0U);
}

TEST_F(MediaServiceTest, JoiningAgainEndsWhatWasThere) {
  const std::string mic = mic_of("ada", join("ada"));
  audience_.clear();
  join("ada");
  const auto closed = audience_.heard<ProducerClosed>("room r but ada");
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].id, mic);
  EXPECT_EQ(objects_on(0), 2U);
}

TEST_F(MediaServiceTest, AJoinThatIsRefusedEndsNothing) {
  const std::string mic = mic_of("ada", join("ada"));
  EXPECT_EQ(code(run(media_.join("ada", {"r", json::object{{"codecs", 1}}}))), "VALIDATION_ERROR");
  EXPECT_EQ(code(media_.pause("ada", PauseProducer{mic})), "ok");
}

TEST_F(MediaServiceTest, WhoLeavesWhileJoiningLeavesNothing) {
  const auto joining = start(media_.join("ada", JoinMedia{"r", sfu_.router_rtp_capabilities()}));
  io_.poll_one();  // as far as the worker, whose answer waits
  calls_.leave("ada", "left");
  EXPECT_EQ(code(finish(joining)), "SFU_ERROR");
  EXPECT_EQ(objects_on(0), 0U);
}

TEST_F(MediaServiceTest, AMutePausesThatSourceAlone) {
  const MediaJoined ada = join("ada");
  const std::string mic = mic_of("ada", ada);
  ASSERT_EQ(code(produce("ada", ada, vp8(8), "video", "camera")), "ok");
  audience_.clear();
  const auto room = calls_.find_room("r");
  media_.mute(*room, "bo", "audio");
  EXPECT_TRUE(audience_.told.empty());
  media_.mute(*room, "ada", "audio");
  const auto paused = audience_.heard<ProducerPaused>("room r but ada");
  ASSERT_EQ(paused.size(), 1U);
  EXPECT_EQ(paused[0].id, mic);
  EXPECT_TRUE(paused[0].paused);
  const MediaJoined bo = join("bo");
  ASSERT_EQ(bo.producers.size(), 2U);
  EXPECT_TRUE(bo.producers[0].paused);
  EXPECT_FALSE(bo.producers[1].paused);
}

TEST_F(MediaServiceTest, StatsAreOfOnesOwnThings) {
  const std::string mic = mic_of("ada", join("ada"));
  join("bo");
  ASSERT_EQ(code(consume("bo", mic)), "ok");
  const auto of = [&](const PeerId& peer) {
    return std::get<MediaStats>(run(media_.stats(peer)).value()).stats;
  };
  const json::object ada = of("ada");
  EXPECT_EQ(ada.at("transports").as_array().size(), 2U);
  EXPECT_EQ(ada.at("transports").at(0).at("state").as_string(), "new");
  ASSERT_EQ(ada.at("producers").as_array().size(), 1U);
  EXPECT_EQ(ada.at("producers").at(0).at("id").as_string(), mic);
  EXPECT_EQ(ada.at("producers").at(0).at("encodings").at(0).at("ssrc").to_number<int>(), 7);
  EXPECT_TRUE(ada.at("consumers").as_array().empty());
  const json::object bo = of("bo");
  ASSERT_EQ(bo.at("consumers").as_array().size(), 1U);
  EXPECT_EQ(bo.at("consumers").at(0).at("producerId").as_string(), mic);
  EXPECT_EQ(bo.at("consumers").at(0).at("paused").as_bool(), true);
}

}  // namespace
}  // namespace server::call
