// Engine.IO handshake and long polling: one test a rule of the wire.
#include "engine_fixture.hpp"

namespace {

using namespace sio;

using EngineHandshake = Engine;

TEST_F(EngineHandshake, OpensByPolling) {
  const auto id = request(Method::Get, polling());
  const std::string sid = sid_of(answers[id].body);
  EXPECT_EQ(sid.size(), 20U);
  EXPECT_EQ(answers[id].status, 200U);
  EXPECT_EQ(answers[id].content_type, "text/plain; charset=UTF-8");
  EXPECT_EQ(
      answers[id].body,
      R"(0{"sid":")" + sid +
          R"(","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000})");
}

TEST_F(EngineHandshake, OpensByWebSocketWithoutUpgrades) {
  const auto socket = open_socket(web_socket());
  ASSERT_EQ(sent[socket].size(), 1U);
  const std::string sid = sid_of(sent[socket][0]);
  EXPECT_EQ(sent[socket][0],
            R"(0{"sid":")" + sid +
                R"(","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000})");
}

TEST_F(EngineHandshake, NamesEveryError) {
  expect_error(request(Method::Get, {"4", {}, {}}), 400,
               R"({"code":0,"message":"Transport unknown"})");
  expect_error(request(Method::Get, {"4", "abc", {}}), 400,
               R"({"code":0,"message":"Transport unknown"})");
  expect_error(get("unknown"), 400, kUnknownSession);
  expect_error(request(Method::Post, polling()), 400,
               R"({"code":2,"message":"Bad handshake method"})");
  expect_error(request(Method::Other, polling()), 400,
               R"({"code":2,"message":"Bad handshake method"})");
  expect_error(request(Method::Get, web_socket()), 400, kBadRequest);
  for (const auto& version : {std::optional<std::string>{}, {"3"}, {"5"}, {"abc"}}) {
    expect_error(request(Method::Get, {version, "polling", {}}), 400,
                 R"({"code":5,"message":"Unsupported protocol version"})");
    EXPECT_EQ(server.refuse_web_socket({version, "websocket", {}}),
              EngineError::UnsupportedVersion);
  }
  EXPECT_EQ(server.refuse_web_socket({"4", "abc", {}}), EngineError::UnknownTransport);
  EXPECT_EQ(server.refuse_web_socket({"4", "polling", {}}), EngineError::BadRequest);
  EXPECT_EQ(server.refuse_web_socket(web_socket("unknown")), EngineError::UnknownSession);
  EXPECT_FALSE(server.refuse_web_socket(web_socket()));
  EXPECT_EQ(server.session_count(), 0U);
  EXPECT_EQ(error_answer(EngineError::Forbidden).status, 403U);
  EXPECT_EQ(error_answer(EngineError::Forbidden).body, R"({"code":4,"message":"Forbidden"})");
}

TEST_F(EngineHandshake, MethodsNobodyUsesAreBadRequests) {
  const std::string sid = open_by_polling();
  expect_error(request(Method::Other, polling(sid)), 400, kBadRequest);
  expect_error(request(Method::Get, web_socket(sid)), 400, kBadRequest);
  EXPECT_TRUE(ends.empty());
}

using EnginePolling = Engine;

TEST_F(EnginePolling, CarriesMessagesBothWays) {
  const std::string sid = open_by_polling();
  const auto posted = post(sid,
                           "4hello\x1e"
                           "bAQIDBA==\x1e"
                           "b");
  EXPECT_EQ(answers[posted].status, 200U);
  EXPECT_EQ(answers[posted].content_type, "text/html");
  EXPECT_EQ(answers[posted].body, "ok");
  EXPECT_EQ(messages, (std::vector<std::string>{"t:hello", "b:\x01\x02\x03\x04", "b:"}));

  server.send(session, make_frame("4one", false));
  server.send(session, make_frame("\x01\x02\x03\x04", true));
  settle();
  const auto polled = get(sid);
  EXPECT_EQ(answers[polled].body,
            "4one\x1e"
            "bAQIDBA==");
}

TEST_F(EnginePolling, AGetHangsUntilThereIsSomething) {
  const std::string sid = open_by_polling();
  const auto polled = get(sid);
  EXPECT_FALSE(answers.contains(polled));
  say(session, "later");
  EXPECT_EQ(answers[polled].body, "4later");
}

TEST_F(EnginePolling, ASecondGetClosesTheSession) {
  const std::string sid = open_by_polling();
  const auto first = get(sid);
  const auto second = get(sid);
  EXPECT_EQ(answers[first].body, "1");
  expect_error(second, 400, kBadRequest);
  expect_error(get(sid), 400, kUnknownSession);
  EXPECT_EQ(ends, std::vector<std::string>{"transport error"});
}

TEST_F(EnginePolling, AnAbortedGetClosesTheSession) {
  const std::string sid = open_by_polling();
  server.http_aborted(get(sid));
  settle();
  EXPECT_EQ(ends, std::vector<std::string>{"transport error"});
  expect_error(get(sid), 400, kUnknownSession);
}

TEST_F(EnginePolling, AnAnsweredGetCannotBeAborted) {
  const std::string sid = open_by_polling();
  const auto polled = get(sid);
  say(session, "x");
  server.http_aborted(polled);
  settle();
  EXPECT_TRUE(ends.empty());
}

TEST_F(EnginePolling, ASecondPostInFlightClosesTheSession) {
  const std::string sid = open_by_polling();
  server.post_begun(101, polling(sid));
  server.post_begun(102, polling(sid));
  settle();
  EXPECT_EQ(ends, std::vector<std::string>{"transport error"});
  expect_error(post(sid, "4late"), 400, kUnknownSession);
}

TEST_F(EnginePolling, AnAbortedPostClosesTheSession) {
  const std::string sid = open_by_polling();
  server.post_begun(101, polling(sid));
  server.post_aborted(101, polling(sid));
  settle();
  EXPECT_EQ(ends, std::vector<std::string>{"transport error"});
}

TEST_F(EnginePolling, TheEndOfAWholePostIsNoAbort) {
  const std::string sid = open_by_polling();
  server.post_begun(101, polling(sid));
  post(sid, "4first");
  server.post_begun(102, polling(sid));
  server.post_aborted(101, polling(sid));  // the first one's connection moves on
  post(sid, "4second");
  EXPECT_EQ(messages, (std::vector<std::string>{"t:first", "t:second"}));
  EXPECT_TRUE(ends.empty());
}

TEST_F(EnginePolling, APostOfOctetStreamClosesTheSession) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  const auto posted = request(Method::Post, polling(sid), "4x", "application/octet-stream");
  expect_error(posted, 400, kBadRequest);
  EXPECT_EQ(answers[hanging].body, "1");
  EXPECT_TRUE(messages.empty());
  expect_error(get(sid), 400, kUnknownSession);
}

TEST_F(EnginePolling, AMalformedPostClosesTheSession) {
  for (const std::string body : {"abc", "",
                                 "4ok\x1e"
                                 "9",
                                 "4\xC3\x28", "b!", "2", "0", "5", "6"}) {
    ends.clear();
    const std::string sid = open_by_polling();
    expect_error(post(sid, body), 400, kBadRequest);
    EXPECT_EQ(ends.size(), 1U) << body;
    expect_error(get(sid), 400, kUnknownSession);
  }
}

TEST_F(EnginePolling, ABodyOverTheLimitIs413AndHarmless) {
  const std::string sid = open_by_polling();
  const auto posted = post(sid, std::string(1'000'001, '4'));
  EXPECT_EQ(answers[posted].status, 413U);
  EXPECT_EQ(answers[post(sid, std::string(1'000'000, '4'))].status, 200U);
  EXPECT_EQ(messages.size(), 1U);
}

TEST_F(EnginePolling, TheClientSaysGoodbye) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  const auto posted = post(sid, "1");
  EXPECT_EQ(answers[posted].body, "ok");
  EXPECT_EQ(answers[hanging].body, "6");
  expect_error(get(sid), 400, kUnknownSession);
  EXPECT_EQ(ends, std::vector<std::string>{"transport close"});
}

TEST_F(EnginePolling, NothingAfterAGoodbyeIsHeard) {
  const std::string sid = open_by_polling();
  post(sid,
       "4before\x1e"
       "1\x1e"
       "4after");
  EXPECT_EQ(messages, std::vector<std::string>{"t:before"});
}

TEST_F(EnginePolling, TheServerClosesAHangingGet) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  server.close(now, session);
  settle();
  EXPECT_EQ(answers[hanging].body, "1");
  EXPECT_EQ(ends, std::vector<std::string>{"forced close"});
}

TEST_F(EnginePolling, TheServerClosesWithTheNextGet) {
  const std::string sid = open_by_polling();
  const auto hanging = get(sid);
  server.send(session, make_frame("41", false));
  server.close(now, session);
  settle();
  EXPECT_EQ(answers[hanging].body, "41");
  EXPECT_TRUE(ends.empty());
  const auto next = get(sid);
  EXPECT_EQ(answers[next].body,
            "6\x1e"
            "1");
  EXPECT_EQ(ends, std::vector<std::string>{"forced close"});
}

TEST_F(EnginePolling, AClosingSessionDoesNotWaitForEver) {
  open_by_polling();
  server.close(now, session);
  settle();
  pass(29s);
  EXPECT_TRUE(ends.empty());
  pass(2s);
  EXPECT_EQ(ends, std::vector<std::string>{"forced close"});
}

}  // namespace
