#include "mezzotint/io/folder_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mezzotint/base/error.h"

#include "tests/io/temporary_folder.h"

namespace mezzotint {
namespace {

TEST(FolderLock, KeepsOthersOutUntilItGoes) {
  const TemporaryFolder folder;
  {
    const FolderLock lock(folder.path());
    EXPECT_THROW(FolderLock{folder.path()}, Error);
    EXPECT_TRUE(FolderLock::held(folder.path()));
  }
  EXPECT_FALSE(FolderLock::held(folder.path()));
  EXPECT_NO_THROW(FolderLock{folder.path()});
}

TEST(FolderLock, EndsWithItsProcess) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    new FolderLock(folder.path());  // NOLINT: the process ends without giving it back
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_NO_THROW(FolderLock{folder.path()});
}

TEST(FolderLock, NeedsTheFolder) {
  const TemporaryFolder folder;
  EXPECT_THROW(FolderLock{folder / "none"}, Error);
}

}  // namespace
}  // namespace mezzotint
