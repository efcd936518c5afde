#include "http/wire.hpp"

#include <gtest/gtest.h>

namespace server::http {
namespace {

RequestHeader header(std::string_view target) {
  RequestHeader header;
  header.method(boost::beast::http::verb::get);
  header.version(11);
  header.target(target);
  header.set(boost::beast::http::field::host, "localhost");
  return header;
}

TEST(PercentDecode, DecodesOnceAndRefusesWhatIsNoText) {
  EXPECT_EQ(percent_decode("/a%20b%2Fc", false), "/a b/c");
  EXPECT_EQ(percent_decode("%2561", false), "%61");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("a+b", false), "a+b");
  EXPECT_EQ(percent_decode("%C3%A4", false), "ä");
  for (const char* text :
       {"%", "%4", "%zz", "%00", "%C3", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%FF"}) {
    EXPECT_EQ(percent_decode(text, false), std::nullopt) << text;
  }
}

TEST(ToRequest, SplitsTheTarget) {
  const auto request = to_request(header("/api/x%20y?a=1&b=%26&c&=d"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->path, "/api/x y");
  EXPECT_EQ(request->query_value("a"), "1");
  EXPECT_EQ(request->query_value("b"), "&");
  EXPECT_EQ(request->query_value("c"), "");
  EXPECT_EQ(request->query_value("d"), std::nullopt);
}

TEST(ToRequest, RefusesOtherTargetsAndMissingOrDoubleHosts) {
  for (const char* target : {"http://other/", "*", "", "a", "/%", "/?%"}) {
    EXPECT_FALSE(to_request(header(target))) << target;
  }
  RequestHeader without = header("/");
  without.erase(boost::beast::http::field::host);
  EXPECT_FALSE(to_request(without));
  RequestHeader twice = header("/");
  twice.insert(boost::beast::http::field::host, "other");
  EXPECT_FALSE(to_request(twice));
}

TEST(ToRequest, RefusesMethodsThatNobodyUses) {
  RequestHeader trace = header("/");
  trace.method(boost::beast::http::verb::trace);
  const auto request = to_request(trace);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().status, 405U);
}

TEST(HeaderText, LeavesTheLengthOutWhereThereIsNoBody) {
  Response response;
  response.set("X-A", "1");
  EXPECT_EQ(header_text(response, 3, true),
            "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n");
  response.shared_headers = "X-B: 2\r\n";
  EXPECT_EQ(header_text(response, 3, true),
            "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 3\r\n\r\n");
  response.shared_headers = {};
  response.status = 304;
  EXPECT_EQ(header_text(response, 3, false),
            "HTTP/1.1 304 Not Modified\r\nX-A: 1\r\nConnection: close\r\n\r\n");
}

TEST(Request, FindsHeadersAndCookies) {
  Request request;
  request.headers = {{"COOKIE", "a=1; access_token=x.y=z ;b="}, {"Cookie", "c=3"}};
  EXPECT_EQ(request.header("cookie"), "a=1; access_token=x.y=z ;b=");
  EXPECT_EQ(request.cookie("access_token"), "x.y=z");
  EXPECT_EQ(request.cookie("b"), "");
  EXPECT_EQ(request.cookie("c"), "3");
  EXPECT_EQ(request.cookie("token"), std::nullopt);
}

}  // namespace
}  // namespace server::http
