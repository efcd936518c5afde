# embed_openapi(<output.cpp> <openapi.json>): the document as openapi_document().
function(embed_openapi output document)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${document})
  file(READ ${document} text)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "http/docs_routes.hpp"

namespace server::http {

std::string_view openapi_document() { return R"json(@text@)json"; }

}  // namespace server::http
]])
endfunction()
