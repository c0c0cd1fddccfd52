#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/dispatch.hpp>
#include <gradus/core/error.hpp>
#include <gradus/core/kernel_arch.hpp>
#include <gradus/core/tensor.hpp>
#include <gradus/ops/reduce.hpp>

namespace gradus {
namespace {

#define GRADUS_NAME(arch) #arch,
const std::vector<std::string> all{GRADUS_KERNEL_ARCHS(GRADUS_NAME)};
#undef GRADUS_NAME

kernels::Arch numbered(std::size_t i) { return static_cast<kernels::Arch>(i + 1); }

std::string refusal(const std::string& wanted, kernels::Arch best) {
  try {
    kernels::choose_arch(wanted, best);
  } catch (const ValueError& error) {
    return error.what();
  }
  return "";
}

TEST(KernelArch, IsOneOfTheListAndTheOneThatIsAskedFor) {
  EXPECT_EQ(std::count(all.begin(), all.end(), kernel_arch()), 1);
  const char* wanted = std::getenv("GRADUS_ARCH");
  if (wanted != nullptr && *wanted != '\0') {
    EXPECT_EQ(kernel_arch(), wanted);
  }
}

TEST(KernelArch, IsTheBestOfTheProcessorUnlessTheEnvironmentNamesAnother) {
  for (std::size_t best = 0; best < all.size(); ++best) {
    EXPECT_EQ(kernels::choose_arch("", numbered(best)), numbered(best));
    for (std::size_t i = 0; i <= best; ++i)
      EXPECT_EQ(kernels::choose_arch(all[i], numbered(best)), numbered(i)) << all[i];
  }
}

TEST(KernelArch, ARefusalSaysWhatWasGivenAndWhatThereIs) {
  for (std::size_t best = 0; best < all.size(); ++best) {
    std::string have = all[0];
    for (std::size_t i = 1; i <= best; ++i) have += ", " + all[i];
    const auto expected = [&](const std::string& wanted) {
      return "[GRADUS_ARCH] the environment variable is '" + wanted +
             "': this processor and this build have " + have;
    };
    for (const char* unknown : {"mmx", "AVX2", "avx", "avx2 ", " ", "undecided"})
      EXPECT_EQ(refusal(unknown, numbered(best)), expected(unknown));
    for (std::size_t i = best + 1; i < all.size(); ++i)
      EXPECT_EQ(refusal(all[i], numbered(best)), expected(all[i]));
  }
}

/// In a process of its own: runs a kernel twice and ends with 0 when each time ValueError was thrown.
[[noreturn]] void run_kernels_with(const char* arch) {
  setenv("GRADUS_ARCH", arch, 1);
  int refusals = 0;
  for (int i = 0; i < 2; ++i) try {
      const Tensor<float> x = variable(xt::xarray<float>{1, 2, 3});
      sum(x).backward();
    } catch (const ValueError& error) {
      std::fprintf(stderr, "%s\n", error.what());
      ++refusals;
    }
  std::exit(2 - refusals);
}

TEST(KernelArchDeathTest, AnUnknownOneIsAnErrorOfEveryKernelAndTheProgramGoesOn) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";  // runs this test alone: no kernel before
  EXPECT_EXIT(run_kernels_with("nonsense"), testing::ExitedWithCode(0), "'nonsense': this processor .* have");
}

TEST(KernelArchDeathTest, ThePlainestRunsEverywhere) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(run_kernels_with(all[0].c_str()), testing::ExitedWithCode(2), "");
}

}  // namespace
}  // namespace gradus
