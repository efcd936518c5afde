// Compressed answers (RFC 9110 section 8.4).
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace server::http {

// Whether an Accept-Encoding field names that coding with a weight above 0.
bool takes_encoding(std::string_view accepted, std::string_view coding);

// Compresses the body by gzip when the client takes it and it pays; says so in the headers.
void compress(const std::string& accepted, Response& response);

}  // namespace server::http
