# embed_passwords(<output.cpp> <list.txt>): the list as the table common_passwords().
function(embed_passwords output list)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(READ ${list} text)
  string(REGEX REPLACE "([^\n]+)\n" "    \"\\1\",\n" rows "${text}")
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "auth/common_passwords.hpp"

namespace server::auth {
namespace {
constexpr std::string_view kCommonPasswords[] = {
@rows@};
}  // namespace

std::span<const std::string_view> common_passwords() { return kCommonPasswords; }

}  // namespace server::auth
]])
endfunction()
