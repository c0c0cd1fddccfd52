#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <gradus/nn/modules/module_types.hpp>

// docs/nn.md names every module of the library that a file can name.
namespace {

TEST(ModulesDoc, NamesEveryModule) {
  std::stringstream text;
  text << std::ifstream(GRADUS_SOURCE_DIR "/docs/nn.md").rdbuf();
  for (const auto& [name, type] : gradus::nn::detail::module_types<float>())
    EXPECT_NE(text.str().find("`" + name + "`"), std::string::npos) << name;
}

}  // namespace
