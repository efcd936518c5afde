#include "http/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace server::http {
namespace {

Request json_request(std::string body, std::string content_type = "application/json") {
  Request request;
  request.headers = {{"content-type", std::move(content_type)},
                     {"content-length", std::to_string(body.size())}};
  request.body = std::move(body);
  return request;
}

unsigned status_of(const Request& request) {
  const auto object = parse_body(request);
  return object ? 200 : object.error().status;
}

TEST(ParseBody, TakesAnObjectWhateverTheCharset) {
  const auto object = parse_body(json_request(R"({"a":1})", "Application/JSON; charset=utf-8"));
  ASSERT_TRUE(object);
  EXPECT_EQ(object->at("a").as_int64(), 1);
}

TEST(ParseBody, RefusesWhatIsNoSoundJsonObject) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& body :
       {std::string(""), std::string("{"), std::string("[]"), std::string("1"), std::string("null"),
        std::string(R"({"a":1}x)"), std::string(R"({"a":1,"a":2})"),
        std::string(R"({"a":{"b":1,"b":1}})"), std::string(R"({"a":"\u0000"})"),
        std::string(R"({"\u0000":1})"), std::string(R"({"a":"\ud800"})"),
        std::string("{\"a\":\"\xff\"}"), std::string("{\"a\":\"\xc0\xaf\"}"),
        R"({"a":)" + deep + "}", std::string("{'a':1}"), std::string(R"({"a":1,})"),
        std::string("{\"a\":NaN}")}) {
    EXPECT_EQ(status_of(json_request(body)), 400U) << body;
  }
}

TEST(ParseBody, NamesTheFieldsWithCharactersThatAreNone) {
  const auto fields = [](std::string body) {
    const auto object = parse_body(json_request(std::move(body)));
    EXPECT_FALSE(object);
    std::string named;
    if (object) return named;
    EXPECT_EQ(object.error().code, "VALIDATION_ERROR");
    for (const FieldError& detail : object.error().details) named += detail.field + " ";
    return named;
  };
  EXPECT_EQ(fields(R"({"name":"a\u0000b","slug":"fine"})"), "name ");
  EXPECT_EQ(fields(R"({"name":"a\ud800","slug":"\udc00\ud83d"})"), "name slug ");
  EXPECT_EQ(fields(R"({"name":"\ud83d\ude00","slug":["a",{"b":"\uDFFF"}]})"), "slug ");
  EXPECT_EQ(fields(R"({"\u0000":1})"), "") << "cannot be named";
  EXPECT_EQ(fields(R"({"a":"\ud800")"), "") << "and is no JSON besides";
  EXPECT_TRUE(parse_body(json_request(R"({"a":"\\ud800 \ud83d\ude00"})"))) << "no surrogate alone";
}

TEST(ParseBody, WantsTheContentTypeAndALength) {
  EXPECT_EQ(status_of(json_request("{}", "text/plain")), 415U);
  EXPECT_EQ(status_of(json_request("{}", "")), 415U);
  EXPECT_EQ(status_of(json_request("{}", "application/jsonp")), 415U);
  EXPECT_EQ(status_of(Request{}), 411U);
}

TEST(FieldReader, ReadsEveryKindOfField) {
  const json::object object =
      json::parse(R"({"name":"Ada","locked":true,"limit":5,"inner":{"x":1},"nothing":null})")
          .as_object();
  FieldReader in(object);
  EXPECT_EQ(in.text("name"), "Ada");
  EXPECT_TRUE(in.boolean("locked"));
  EXPECT_EQ(in.integer("limit", 1, 10), 5);
  EXPECT_EQ(in.object("inner").size(), 1U);
  EXPECT_TRUE(in.any("nothing")->is_null());
  EXPECT_EQ(in.optional_text("absent"), std::nullopt);
  EXPECT_EQ(in.optional_boolean("absent"), std::nullopt);
  EXPECT_EQ(in.optional_integer("absent", 0, 1), std::nullopt);
  EXPECT_FALSE(in.finish());
}

TEST(FieldReader, RefusesANullCharacterInText) {
  const json::object object = json::parse(R"({"name":"a\u0000b"})").as_object();
  FieldReader in(object);
  in.text("name");
  const auto error = in.finish();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->details.at(0).field, "name");
}

TEST(FieldReader, NamesEveryMistake) {
  const json::object object =
      json::parse(R"({"name":1,"locked":"yes","limit":11,"half":1.5,"extra":0})").as_object();
  FieldReader in(object);
  in.text("name");
  in.boolean("locked");
  in.integer("limit", 1, 10);
  in.integer("half", 1, 10);
  in.text("missing");
  const auto error = in.finish();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "VALIDATION_ERROR");
  std::vector<std::string> fields;
  for (const FieldError& detail : error->details) fields.push_back(detail.field);
  EXPECT_EQ(fields,
            (std::vector<std::string>{"name", "locked", "limit", "half", "missing", "extra"}));
}

TEST(ErrorResponse, HasTheContractsShape) {
  ApiError error = invalid_field("name", "is required");
  error.retry_after_s = 7;
  const Response response = error_response(error);
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(response.body, R"({"code":"VALIDATION_ERROR","message":"name: is required",)"
                           R"("details":[{"field":"name","message":"is required"}]})");
  const Header retry{"Retry-After", "7"};
  EXPECT_NE(std::find(response.headers.begin(), response.headers.end(), retry),
            response.headers.end());
}

}  // namespace
}  // namespace server::http
