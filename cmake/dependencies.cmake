# Every library that we did not write; docs/architecture.md has a line of reason for each.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(GTest REQUIRED)
include(GoogleTest)

# Boost as the server uses it: coroutines, no deprecated names, sanitised headers kept out of our warnings.
add_library(boost_asio INTERFACE)
target_include_directories(boost_asio SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(boost_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY
                           BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)  # frames of nested coroutines are kept
if(WEBRTC_CHAT_SANITIZE)
  # A frame that is kept for the next coroutine hides its use after the end from the sanitizer.
  target_compile_definitions(boost_asio INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
target_link_libraries(boost_asio INTERFACE Threads::Threads OpenSSL::SSL Boost::url)

# The headers of libpq alone: FindPostgreSQL would want the server's too.
find_path(PostgreSQL_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
