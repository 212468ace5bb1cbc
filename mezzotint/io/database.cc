#include "mezzotint/io/database.h"

#include <cmath>

#include <sqlite3.h>

#include "mezzotint/base/error.h"

namespace mezzotint {
namespace {

constexpr int kPatienceMs = 5000;
constexpr int kLongestValue = 16 << 20;  // bytes

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

int bind_value(sqlite3_stmt* statement, int place, const nlohmann::json& value) {
  if (value.is_number_float())  // NaN becomes null
    return sqlite3_bind_double(statement, place, value.get<double>());
  if (value.is_number_integer()) return sqlite3_bind_int64(statement, place, value.get<int64_t>());
  if (value.is_null()) return sqlite3_bind_null(statement, place);
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8);
}

nlohmann::json column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return bytes ? std::string(bytes, size) : std::string();
    }
    default:
      return nullptr;
  }
}

/// SQLite's reason in words of what to do about it.
std::string reason(sqlite3* connection) {
  const std::string said = connection ? sqlite3_errmsg(connection) : "out of memory";
  switch (connection ? sqlite3_errcode(connection) : SQLITE_NOMEM) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "is damaged, or no SQLite file (" + said + ")";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return concat("has been locked by another process for ", kPatienceMs / 1000, " s");
    case SQLITE_READONLY:
      return "can't be written: " + said;
    case SQLITE_FULL:
      return "can't be written: the disk is full";
    case SQLITE_CANTOPEN:
      return "can't be opened";
    default:
      return said;
  }
}

}  // namespace

void Database::Closer::operator()(sqlite3* connection) const { sqlite3_close(connection); }

void Database::fail_here() const { fail(file_.string(), ": ", reason(connection_.get())); }

Database::Database(std::filesystem::path file, Access access) : file_(std::move(file)) {
  const int flags =
      access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int opened = sqlite3_open_v2(file_.c_str(), &connection, flags, nullptr);
  connection_.reset(connection);  // to be closed in any case
  if (opened != SQLITE_OK) fail_here();
  sqlite3_busy_timeout(connection, kPatienceMs);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
}

/// Some errors have rolled back already, which makes this one of its own.
void Database::roll_back() noexcept {
  sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::vector<Database::Row> Database::query(const std::string& sql,
                                           const std::vector<nlohmann::json>& values) {
  sqlite3_stmt* prepared = nullptr;
  const int ready = sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &prepared, nullptr);
  const Statement statement(prepared);
  if (ready != SQLITE_OK) fail_here();
  for (size_t i = 0; i < values.size(); ++i)
    if (bind_value(prepared, static_cast<int>(i) + 1, values[i]) != SQLITE_OK) fail_here();
  std::vector<Row> rows;
  int state = SQLITE_ROW;
  while ((state = sqlite3_step(prepared)) == SQLITE_ROW) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(prepared); ++column)
      row.push_back(column_value(prepared, column));
    rows.push_back(std::move(row));
  }
  if (state != SQLITE_DONE) fail_here();
  return rows;
}

int64_t Database::number(const std::string& sql) {
  const std::vector<Row> rows = query(sql);
  if (rows.size() != 1 || rows[0].size() != 1 || !rows[0][0].is_number_integer())
    fail(file_.string(), ": is damaged (no number from ", sql, ")");
  return rows[0][0].get<int64_t>();
}

}  // namespace mezzotint
