#include "mezzotint/training/next_commands.h"

#include <gtest/gtest.h>

namespace mezzotint {
namespace {

using Commands = std::vector<std::string>;

TEST(NextCommands, UseTheModelOrGoOn) {
  EXPECT_EQ(next_commands("a run", "diffusion", /*done=*/true),
            (Commands{"mezzotint sample 'a run/model' -o samples.png -n 16",
                      "mezzotint train --config 'a run/config.json' -o again"}));
  EXPECT_EQ(next_commands("run", "clip", /*done=*/true).front(), "mezzotint info run/model");
  EXPECT_EQ(next_commands("a run", "diffusion", /*done=*/false).front(),
            "mezzotint resume 'a run'");
}

}  // namespace
}  // namespace mezzotint
