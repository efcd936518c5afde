// The interface's own description: /api/openapi.json, and /api/docs to browse it.
#pragma once

#include <string_view>

#include "http/routes.hpp"

namespace server::http {

// OpenAPI 3.1 of every REST route; from apps/server/openapi.json, compiled into the program.
std::string_view openapi_document();

// The page is made of the document once; it has no script and no outside asset.
Routes docs_routes();

}  // namespace server::http
