// Between Beast's idea of a message and ours.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace server::http {

using RequestHeader = boost::beast::http::request<boost::beast::http::empty_body>;

// Splits and decodes the target and copies the headers; body, id and client are the caller's.
// 400 for a target that is not in origin form or not decodable, 405 for a method nobody uses.
Result<Request> to_request(const RequestHeader& header);

// Status line and header fields as they go over the wire (RFC 9112 section 3).
// `body_size` becomes Content-Length unless the status has no body.
std::string header_text(const Response& response, std::size_t body_size, bool keep_alive);

// Percent-decoding (RFC 3986 section 2.1); nullopt for a broken escape, U+0000 or invalid UTF-8.
// `plus_is_space` as in a query.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace server::http
