#include "mezzotint/io/files.h"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mezzotint/io/atomic_file.h"
#include "mezzotint/io/utf8.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

TEST(WriteFileAtomic, WritesAndReplaces) {
  const TemporaryFolder folder;
  const std::string content("a\0b\n", 4);
  write_file_atomic(folder / "x", content);
  EXPECT_EQ(read_file(folder / "x"), content);
  write_file_atomic(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(folder.listing(), Names{"x"});
}

TEST(WriteFileAtomic, ANewFileHasTheUsualRights) {
  const TemporaryFolder folder;
  put(folder / "usual", "");
  write_file_atomic(folder / "x", "");
  EXPECT_EQ(fs::status(folder / "x").permissions(), fs::status(folder / "usual").permissions());
}

TEST(WriteFileAtomic, ErrorsNameThePathAndTheReason) {
  const TemporaryFolder folder;
  const auto message = [](const fs::path& path) {
    return message_of([&] { write_file_atomic(path, "x"); });
  };
  EXPECT_EQ(message(folder / "no/x"),
            "cannot write " + (folder / "no/x").string() + ": No such file or directory");
  EXPECT_NE(message(folder.path()).find("not a regular file"), std::string::npos);
  EXPECT_NE(message("/dev/null").find("not a regular file"), std::string::npos);
  put(folder / "file", "");
  EXPECT_NE(message(folder / "file/x").find("Not a directory"), std::string::npos);
  EXPECT_EQ(folder.listing(), Names{"file"});
}

TEST(WriteFileAtomic, AFailedWriteLeavesTheOldFile) {
  const TemporaryFolder folder;
  put(folder / "x", "old");
  // Writing fails after the temporary file is open: the limit on file sizes stands in for a full
  // disk.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message =
        message_of([&] { write_file_atomic(folder / "x", std::string(5000, 'n')); });
    ::_exit(message.find("File too large") != std::string::npos ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(contents(folder / "x"), "old");
  EXPECT_EQ(folder.listing(), Names{"x"});
}

TEST(WriteFileAtomic, ReplacesALinkAndNotWhatItPointsTo) {
  const TemporaryFolder folder;
  put(folder / "cache", "shared");
  fs::create_symlink("cache", folder / "x");
  write_file_atomic(folder / "x", "mine");
  EXPECT_EQ(contents(folder / "cache"), "shared");
  EXPECT_EQ(contents(folder / "x"), "mine");
}

TEST(AtomicFile, WithoutCommitNothingHappens) {
  const TemporaryFolder folder;
  put(folder / "x", "old");
  {
    AtomicFile file(folder / "x");
    file.write("new");
    EXPECT_EQ(folder.listing().size(), 2U);
  }
  EXPECT_EQ(folder.listing(), Names{"x"});
  EXPECT_EQ(contents(folder / "x"), "old");
}

TEST(AtomicFile, TakesTheLongestName) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file_atomic(folder / name, "x");
  EXPECT_EQ(folder.listing(), Names{name});
}

TEST(WriteFolderAtomic, MakesAndReplacesAFolder) {
  const TemporaryFolder folder;
  const fs::path place = folder / "runs/a";
  write_folder_atomic(place, [](const fs::path& scratch) {
    put(scratch / "one", "1");
    fs::create_directory(scratch / "sub");
    put(scratch / "sub/two", "2");
  });
  EXPECT_EQ(folder.listing(),
            (Names{"runs", "runs/a", "runs/a/one", "runs/a/sub", "runs/a/sub/two"}));
  write_folder_atomic(place / "", [&](const fs::path& scratch) {
    EXPECT_EQ(contents(place / "one"), "1");  // the old one stands while the new one is filled
    EXPECT_EQ(scratch.parent_path(), fs::canonical(folder / "runs"));
    put(scratch / "three", "3");
  });
  EXPECT_EQ(folder.listing(), (Names{"runs", "runs/a", "runs/a/three"}));
}

TEST(WriteFolderAtomic, AnErrorLeavesEverythingAsItWas) {
  const TemporaryFolder folder;
  const auto fail_halfway = [](const fs::path& scratch) {
    put(scratch / "new", "");
    fail("stop");
  };
  EXPECT_EQ(message_of([&] { write_folder_atomic(folder / "a/b/c", fail_halfway); }), "stop");
  EXPECT_EQ(folder.listing(), Names{});
  fs::create_directory(folder / "old");
  put(folder / "old/x", "1");
  EXPECT_EQ(message_of([&] { write_folder_atomic(folder / "old", fail_halfway); }), "stop");
  EXPECT_EQ(folder.listing(), (Names{"old", "old/x"}));
}

TEST(WriteFolderAtomic, RefusesWhatIsNoFolder) {
  const TemporaryFolder folder;
  put(folder / "file", "");
  const auto message = [](const fs::path& path) {
    return message_of([&] { write_folder_atomic(path, [](const fs::path&) {}); });
  };
  EXPECT_NE(message(folder / "file").find("a file of that name exists"), std::string::npos);
  EXPECT_NE(message(folder / "file/below").find("file"), std::string::npos);
  EXPECT_NE(message("/").find("the root folder"), std::string::npos);
  EXPECT_EQ(folder.listing(), Names{"file"});
}

TEST(WriteFolderAtomic, FollowsALink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "real");
  fs::create_symlink("real", folder / "link");
  write_folder_atomic(folder / "link", [](const fs::path& scratch) { put(scratch / "x", "1"); });
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(contents(folder / "real/x"), "1");
}

TEST(ReadFile, NamesThePathAndTheReason) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { read_file(folder / "x"); }),
            "cannot read " + (folder / "x").string() + ": No such file or directory");
  EXPECT_NE(message_of([&] { read_file(folder.path()); }).find("Is a directory"),
            std::string::npos);
}

TEST(InQuotes, IsOneLineWhateverTheText) {
  EXPECT_EQ(in_quotes("é 日"), "'é 日'");
  EXPECT_EQ(in_quotes("a\n\x1b\x7f\xff\xc2\x80"), "'a\\x0a\\x1b\\x7f\\xff\\xc2\\x80'");
  EXPECT_EQ(in_quotes(std::string(500, 'a'), 10), "'aaaaaaaaaa...'");
}

}  // namespace
}  // namespace mezzotint
