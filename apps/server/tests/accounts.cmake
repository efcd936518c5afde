# The accounts' tests. Those on a database are three entries, not one for each test: every entry
# that needs PostgreSQL starts one of its own.
add_test_program(server_accounts_test
  SOURCES auth/account_rules_test.cpp auth/accounts_world.cpp auth/jwt_test.cpp auth/lockout_test.cpp auth/login_test.cpp
          auth/refresh_test.cpp auth/session_test.cpp call/entry_race_test.cpp chat/chat_quota_test.cpp chat/chat_test.cpp db/database_test.cpp db/ids_test.cpp db/migrations_test.cpp
          db/postgres_server.cpp http/openapi_test.cpp http/rate_limiter_test.cpp room/rooms_test.cpp
          user/users_test.cpp
  LINKS server_user server_call server_chat pq PCH server_test_pch)
target_include_directories(server_accounts_test SYSTEM PRIVATE ${PostgreSQL_INCLUDE_DIR})
foreach(backend Sqlite Postgresql)
  add_test(NAME accounts.${backend} COMMAND server_accounts_test --gtest_filter=*/${backend})
endforeach()
add_test(NAME accounts.Others
         COMMAND server_accounts_test --gtest_filter=-*/Sqlite:*/Postgresql)
set_tests_properties(accounts.Sqlite accounts.Postgresql accounts.Others PROPERTIES TIMEOUT 600)
