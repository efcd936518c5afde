# embed_migrations(<output.cpp> <dir>): the SQL files of a folder as the table all_migrations().
# 0002_name.sql serves both databases; 0002_name.sqlite.sql and 0002_name.postgresql.sql one each.
function(embed_migrations output dir)
  file(GLOB files RELATIVE ${dir} CONFIGURE_DEPENDS ${dir}/*.sql)
  set(names "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dir}/${file})
    string(REGEX REPLACE "(\\.sqlite|\\.postgresql)?\\.sql$" "" name ${file})
    list(APPEND names ${name})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)
  set(rows "")
  set(expected 0)
  foreach(name IN LISTS names)
    math(EXPR expected "${expected} + 1")
    string(REGEX MATCH "^0*([1-9][0-9]*)_(.+)$" matched ${name})
    if(NOT matched OR NOT CMAKE_MATCH_1 EQUAL expected)
      message(FATAL_ERROR "migration ${name}: expected number ${expected}")
    endif()
    set(title ${CMAKE_MATCH_2})
    foreach(backend sqlite postgresql)
      if(EXISTS ${dir}/${name}.${backend}.sql)
        file(READ ${dir}/${name}.${backend}.sql ${backend})
      else()
        file(READ ${dir}/${name}.sql ${backend})
      endif()
    endforeach()
    string(APPEND rows "    {${expected}, \"${title}\", R\"sql(${sqlite})sql\", R\"sql(${postgresql})sql\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "db/migrations.hpp"

namespace server::db {
namespace {
constexpr Migration kMigrations[] = {
@rows@};
}  // namespace

std::span<const Migration> all_migrations() { return kMigrations; }

}  // namespace server::db
]])
endfunction()
