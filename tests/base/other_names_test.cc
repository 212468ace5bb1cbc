#include "mezzotint/base/other_names.h"

#include <gtest/gtest.h>

#include "mezzotint/base/suggest.h"

namespace mezzotint {
namespace {

TEST(OtherNames, AreThoseThatAreKnownWhereTheyWereGiven) {
  EXPECT_EQ(name_here("learning_rate", {"data", "lr"}), "lr");
  EXPECT_EQ(name_here("--Learning-Rate", {"--data", "--lr"}), "--lr");
  EXPECT_EQ(name_here("train_batch_size", {"batch_size"}), "batch_size");
  EXPECT_EQ(name_here("train_batch_size", {"batch"}), "batch");
  EXPECT_EQ(name_here("learning_rate", {"steps"}), "");
  EXPECT_EQ(name_here("lr", {"lr"}), "");
}

TEST(OtherNames, AreSuggestedBeforeWhatIsSpelledAlike) {
  EXPECT_EQ(did_you_mean("use_ema", {"use_emb", "ema"}), ", did you mean 'ema'?");
}

}  // namespace
}  // namespace mezzotint
