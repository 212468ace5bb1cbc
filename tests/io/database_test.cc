#include "mezzotint/io/database.h"

#include <cmath>

#include <gtest/gtest.h>

#include "mezzotint/base/error.h"
#include "mezzotint/io/files.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

TEST(Database, GivesBackTheValuesThatItWasGiven) {
  const TemporaryFolder folder;
  Database database(folder / "a.sqlite", Database::Access::kWrite);
  database.query("CREATE TABLE t (a, b, c, d)");
  const std::string odd = std::string("no UTF-8: \xFF, a quote: ', a zero: ") + '\0' + '.';
  database.query("INSERT INTO t VALUES (?, ?, ?, ?)", {-7, 0.1, odd, nullptr});
  database.query("INSERT INTO t VALUES (?, ?, ?, ?)", {std::nan(""), 3, "", INFINITY});
  const auto rows = database.query("SELECT * FROM t");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (Database::Row{-7, 0.1, odd, nullptr}));
  EXPECT_TRUE(rows[1][0].is_null());
  EXPECT_EQ(rows[1][3], INFINITY);
  EXPECT_EQ(database.number("SELECT count(*) FROM t"), 2);
}

TEST(Database, ATransactionIsAllOrNothing) {
  const TemporaryFolder folder;
  Database database(folder / "a.sqlite", Database::Access::kWrite);
  database.query("CREATE TABLE t (a)");
  const auto broken = [&] {
    database.transaction([&] {
      database.query("INSERT INTO t VALUES (1)");
      database.query("no SQL");
    });
  };
  EXPECT_THROW(broken(), Error);
  EXPECT_EQ(database.number("SELECT count(*) FROM t"), 0);
  database.transaction([&] { database.query("INSERT INTO t VALUES (2)"); });
  EXPECT_EQ(database.number("SELECT a FROM t"), 2);
}

TEST(Database, ReadingMakesNoFile) {
  const TemporaryFolder folder;
  EXPECT_THROW(Database(folder / "a.sqlite", Database::Access::kRead), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.sqlite"));
}

TEST(Database, ViewsAndTriggersOfAFileAreWithoutEffect) {
  const TemporaryFolder folder;
  {
    Database database(folder / "a.sqlite", Database::Access::kWrite);
    database.query("CREATE TABLE t (a)");
    database.query(
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
        "FROM n) SELECT i FROM n");
    database.query("CREATE TRIGGER late AFTER INSERT ON t BEGIN DELETE FROM t; END");
  }
  Database database(folder / "a.sqlite", Database::Access::kWrite);
  EXPECT_THROW(database.query("SELECT * FROM endless"), Error);
  database.query("INSERT INTO t VALUES (1)");
  EXPECT_EQ(database.number("SELECT count(*) FROM t"), 1);
}

}  // namespace
}  // namespace mezzotint
