# One folder of the house is one target. `add_room` and its kin set what all of them share.

set(WEBRTC_CHAT_SANITIZE "" CACHE STRING "sanitizers of this build, as clang's -fsanitize= takes them")
option(WEBRTC_CHAT_LIBFUZZER "link fuzz targets with libFuzzer instead of the corpus replayer" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # The precompiled header is safe to share: it is built without a time stamp.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wswitch-enum -Werror
                    -Wno-missing-designated-field-initializers  # leaving the rest at its defaults is the point
                    "SHELL:-Xclang -fno-pch-timestamp")
add_link_options(-fuse-ld=lld)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(hardening)
endif()
if(WEBRTC_CHAT_LIBFUZZER)
  # Everything reports its coverage, not the targets alone: else the fuzzer is blind in the libraries.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(WEBRTC_CHAT_SANITIZE)
  add_compile_options(-fsanitize=${WEBRTC_CHAT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${WEBRTC_CHAT_SANITIZE})
endif()

# add_room(<name> SOURCES … [LINKS …] [ROOT <dir>] [STRICT])
# A static library, built when a program or test needs it. ROOT is the folder that its includes start from
# (default: the parent folder).
# STRICT is for everything under libs/: the conversion warnings, which Boost-heavy code has not, and the precompiled
# standard library.
function(add_room name)
  cmake_parse_arguments(ROOM "STRICT" "ROOT" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${ROOM_SOURCES})
  if(NOT ROOM_ROOT)
    set(ROOM_ROOT ${CMAKE_CURRENT_SOURCE_DIR}/..)
  endif()
  target_include_directories(${name} PUBLIC ${ROOM_ROOT})
  target_link_libraries(${name} PUBLIC ${ROOM_LINKS})
  if(ROOM_STRICT)
    target_compile_options(${name} PRIVATE -Wconversion -Wsign-conversion)
    target_precompile_headers(${name} REUSE_FROM libs_pch)
  endif()
endfunction()

# Everything is built where it is run: tests and fuzz targets with sanitizers, programs and benches without,
# all of them in `dev`. The others are there by name.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CHECKS_IN_ALL EXCLUDE_FROM_ALL)
elseif(WEBRTC_CHAT_SANITIZE)
  set(PROGRAMS_IN_ALL EXCLUDE_FROM_ALL)
  # A test's own code runs once, what it tests a million times: only that is worth an optimizer's time.
  set(CHECK_OPTIMIZATION -O0)
endif()

# add_program(<name> SOURCES … [LINKS …] [PCH <target>])
function(add_program name)
  cmake_parse_arguments(PROGRAM "" "PCH" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${PROGRAMS_IN_ALL} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE ${PROGRAM_LINKS})
  if(PROGRAM_PCH)
    target_precompile_headers(${name} REUSE_FROM ${PROGRAM_PCH})
    target_compile_options(${name} PRIVATE ${CHECK_OPTIMIZATION} ${LIKE_A_LIBRARY}) # as the header is
  endif()
endfunction()

# add_libs_pch(<header>): the precompiled header of STRICT rooms.
function(add_libs_pch header)
  add_library(libs_pch OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
  target_precompile_headers(libs_pch PUBLIC ${header})
endfunction()

# add_test_pch(<name> HEADER <file> [LINKS …]): a precompiled header for test programs.
function(add_test_pch name)
  cmake_parse_arguments(PCH "" "HEADER" "LINKS" ${ARGN})
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
  target_precompile_headers(${name} PUBLIC ${PCH_HEADER})
  target_link_libraries(${name} PUBLIC GTest::gmock ${PCH_LINKS})
  target_compile_options(${name} PRIVATE ${CHECK_OPTIMIZATION})
endfunction()

# add_test_program(<name> SOURCES … [LINKS …] [PCH <target>])
# One GoogleTest program, which the caller gives its CTest entries.
function(add_test_program name)
  cmake_parse_arguments(TEST "" "PCH" "SOURCES;LINKS" ${ARGN})
  if(NOT TEST_PCH)
    set(TEST_PCH test_pch)
  endif()
  add_executable(${name} ${CHECKS_IN_ALL} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} GTest::gmock_main)
  target_precompile_headers(${name} REUSE_FROM ${TEST_PCH})
  target_compile_options(${name} PRIVATE ${CHECK_OPTIMIZATION} ${LIKE_A_LIBRARY})
endfunction()

# add_room_test(<name> SOURCES … [LINKS …] [PCH <target>]): every TEST in it is one CTest entry.
function(add_room_test name)
  add_test_program(${name} ${ARGN})
  # Without the values: they would be the octets, and so the addresses, of what a test is given.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES PROPERTIES TIMEOUT 120)
endfunction()

# add_fuzz_target(<name> SOURCES … [LINKS …])
# With libFuzzer in the `fuzz` preset; else a program that replays fuzz/corpus/<name> as one CTest entry.
function(add_fuzz_target name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LINKS" ${ARGN})
  if(WEBRTC_CHAT_LIBFUZZER)
    add_executable(${name} ${FUZZ_SOURCES})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${CHECKS_IN_ALL} ${FUZZ_SOURCES} ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cpp)
    add_test(NAME fuzz_corpus.${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
  target_link_libraries(${name} PRIVATE ${FUZZ_LINKS})
endfunction()
