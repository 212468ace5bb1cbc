#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

struct sqlite3;

namespace mezzotint {

/// A SQLite file. Other processes may read and write it at the same time: who finds it locked waits
/// a few seconds. What is in it is taken as data only, also where its schema would have it
/// otherwise.
class Database {
 public:
  enum class Access {
    kRead,   ///< the file must exist; it is never written
    kWrite,  ///< the file is made when it is missing; its folder must exist
  };
  /// The values of a row as JSON: null, whole numbers, numbers, texts (whose bytes needn't be
  /// UTF-8).
  using Row = std::vector<nlohmann::json>;

  /// @throws Error naming the file, here and below: it can't be opened, is locked for long, is
  /// damaged or no SQLite file, or can't be written.
  Database(std::filesystem::path file, Access access);

  /// Runs one statement with `values` in the place of its question marks. @return the rows.
  std::vector<Row> query(const std::string& sql, const std::vector<nlohmann::json>& values = {});
  /// Runs `work`, of which other processes see all or nothing; nothing remains when it throws.
  template <class Work>
  void transaction(const Work& work) {
    query("BEGIN IMMEDIATE");
    try {
      work();
      query("COMMIT");
    } catch (...) {
      roll_back();
      throw;
    }
  }
  /// The one value of a statement that gives a whole number.
  int64_t number(const std::string& sql);

 private:
  [[noreturn]] void fail_here() const;
  void roll_back() noexcept;

  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Closer> connection_;
};

}  // namespace mezzotint
