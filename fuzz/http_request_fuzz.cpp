// The way of an HTTP request from its octets to a handler: Beast's parser, the target, the cookies,
// the JSON of the body. What comes out must hold what the handlers rely on.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/json.hpp"
#include "http/wire.hpp"

namespace {

namespace beast_http = boost::beast::http;
using namespace server::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void look_into(const beast_http::request<beast_http::string_body>& message) {
  RequestHeader header;
  header.base() = message.base();
  auto request = to_request(header);
  if (!request) {
    require(request.error().status >= 400 && !request.error().code.empty());
    return;
  }
  require(request->path.starts_with('/'));
  require(request->path.find('\0') == std::string::npos);
  (void)request->cookie("access_token");
  (void)request->query_value("limit");
  request->body = message.body();
  const auto body = parse_body(*request);
  if (!body) return;
  FieldReader in(*body);
  (void)in.optional_text("name");
  (void)in.optional_boolean("locked");
  (void)in.optional_integer("limit", 1, 100);
  if (auto error = in.finish()) require(!error->details.empty() && error->details.size() <= 24);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  beast_http::request_parser<beast_http::string_body> parser;
  parser.eager(true);
  parser.header_limit(16 * 1024);
  parser.body_limit(16 * 1024);
  boost::system::error_code error;
  std::size_t used = 0;
  while (used < size && !error && !parser.is_done()) {
    const std::size_t step = parser.put(boost::asio::buffer(data + used, size - used), error);
    used += step;
    if (step == 0) break;
  }
  if (!error && parser.is_done()) look_into(parser.get());
  return 0;
}
