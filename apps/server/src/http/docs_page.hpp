// The OpenAPI document as a page of HTML: no script, nothing from elsewhere.
#pragma once

#include <boost/json.hpp>
#include <string>

namespace server::http {

// `document` is ours (openapi.json): what it must have is not checked again.
std::string docs_page(const boost::json::object& document);

}  // namespace server::http
