// One connection, on one database thread: statements in, typed rows out.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "db/database_url.hpp"
#include "db/db_error.hpp"
#include "db/timestamp.hpp"

namespace server::db {

// What the functions of Connection throw; Database turns it into the caller's DbError.
class DbException : public std::runtime_error {
 public:
  explicit DbException(DbError error)
      : std::runtime_error(error.message), error_(std::move(error)) {}
  const DbError& error() const { return error_; }

 private:
  DbError error_;
};

// SQL is one text for both databases: parameters are $1, $2, … and no other '$' or ':' is in it,
// names are quoted. Statements are prepared once and kept, so SQL texts are literals;
// values go in as parameters alone. A const Connection only reads. Not thread-safe.
class Connection {
 public:
  // Connects. Throws DbException (Unavailable).
  explicit Connection(const DatabaseUrl& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_postgresql() const;
  // False after the connection was lost: it must be thrown away.
  bool alive() const;

  // Rows of columns of these types: std::string, std::int64_t, bool, Timestamp, or std::optional
  // of one of them.
  template <class... Columns, class... Values>
  std::vector<std::tuple<Columns...>> select(std::string_view sql, const Values&... values) const {
    std::vector<std::tuple<Columns...>> rows;
    visit<Columns...>([&rows](auto&& row) { rows.push_back(std::forward<decltype(row)>(row)); },
                      sql, values...);
    return rows;
  }

  // The same, a row at a time: `on_row(std::tuple<Columns...>&&)` keeps what it wants.
  template <class... Columns, class OnRowOf, class... Values>
  void visit(OnRowOf on_row, std::string_view sql, const Values&... values) const {
    const std::vector<Parameter> parameters{parameter(values)...};
    query(sql, parameters, sizeof...(Columns), [&on_row](std::span<const Cell> cells) {
      on_row(row_of<Columns...>(cells, std::index_sequence_for<Columns...>()));
    });
  }

  // The first row, or nullopt.
  template <class... Columns, class... Values>
  std::optional<std::tuple<Columns...>> select_one(std::string_view sql,
                                                   const Values&... values) const {
    auto rows = select<Columns...>(sql, values...);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  // How many rows were inserted, changed or deleted.
  template <class... Values>
  std::int64_t execute(std::string_view sql, const Values&... values) {
    const std::vector<Parameter> parameters{parameter(values)...};
    return query(sql, parameters, 0, [](std::span<const Cell>) {});
  }

  // Several statements without parameters, as a migration has them.
  void execute_script(const std::string& sql);

  // Runs `work()` in a transaction: all or nothing, and written to disk when this returns. On
  // SQLite it holds the one write lock from the start; on PostgreSQL it is READ COMMITTED, so rows
  // that are read to be changed are read with row_lock(). Deadlocks are tried again.
  template <class Work>
  auto transaction(Work work) {
    for (int attempt = 1;; ++attempt) {
      begin();
      try {
        if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
          work();
          commit();
          return;
        } else {
          auto result = work();
          commit();
          return result;
        }
      } catch (const DbException&) {
        rollback();
        if (!deadlocked_ || attempt == 3) throw;
      } catch (...) {
        rollback();
        throw;
      }
    }
  }

  // How often another program held SQLite's write lock longer than a writer waits.
  std::uint64_t foreign_locks() const { return foreign_locks_; }

  // Ends a SELECT whose rows the transaction is about to change.
  std::string_view row_lock() const { return is_postgresql() ? " FOR UPDATE" : ""; }

 private:
  using Cell = std::optional<std::string>;
  struct Parameter {
    std::variant<std::string, std::int64_t> value;
    bool is_null = false;
  };
  using OnRow = std::function<void(std::span<const Cell>)>;

  static Parameter parameter(std::string_view value) { return {std::string(value), false}; }
  static Parameter parameter(std::int64_t value) { return {value, false}; }
  static Parameter parameter(int value) { return {std::int64_t{value}, false}; }
  static Parameter parameter(bool value) { return {std::int64_t{value}, false}; }
  static Parameter parameter(const char* value) { return {std::string(value), false}; }
  static Parameter parameter(const std::string& value) { return {value, false}; }
  static Parameter parameter(Timestamp value) { return {to_sql(value), false}; }
  template <class T>
  static Parameter parameter(const std::optional<T>& value) {
    Parameter bound = parameter(value ? *value : T{});
    bound.is_null = !value.has_value();
    return bound;
  }

  static void read(const Cell& cell, std::string& out) { out = required(cell); }
  static void read(const Cell& cell, std::int64_t& out) {
    const std::string& text = required(cell);
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, out);
    if (error != std::errc{} || stopped != end) throw_unreadable();
  }
  static void read(const Cell& cell, bool& out) {
    std::int64_t number = 0;
    read(cell, number);
    out = number != 0;
  }
  static void read(const Cell& cell, Timestamp& out) {
    const auto at = from_sql(required(cell));
    if (!at) throw_unreadable();
    out = *at;
  }
  template <class T>
  static void read(const Cell& cell, std::optional<T>& out) {
    if (cell) read(cell, out.emplace());
  }
  template <class... Columns, std::size_t... Index>
  static std::tuple<Columns...> row_of(std::span<const Cell> cells, std::index_sequence<Index...>) {
    std::tuple<Columns...> row;
    (read(cells[Index], std::get<Index>(row)), ...);
    return row;
  }
  static const std::string& required(const Cell& cell);
  [[noreturn]] static void throw_unreadable();

  std::int64_t query(std::string_view sql, std::span<const Parameter> parameters,
                     std::size_t columns, const OnRow& on_row) const;
  void begin();
  void commit();
  void rollback() noexcept;
  [[noreturn]] void rethrow() const;
  DbException sqlite_failure(int result, std::string message) const;

  struct Session;
  struct Prepared;
  Prepared& prepared(std::string_view sql, std::span<const Parameter> parameters,
                     std::size_t columns) const;

  std::unique_ptr<Session> session_;
  // The last failure was a deadlock or a serialisation conflict.
  mutable bool deadlocked_ = false;
  mutable std::uint64_t foreign_locks_ = 0;
};

}  // namespace server::db
