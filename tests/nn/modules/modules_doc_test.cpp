#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <gradus/nn/modules/make_module.hpp>

// docs/nn.md names every module that a file can name.
namespace {

TEST(ModulesDoc, NamesEveryModule) {
  std::stringstream text;
  text << std::ifstream(GRADUS_SOURCE_DIR "/docs/nn.md").rdbuf();
  for (const std::string& type : gradus::nn::module_types())
    EXPECT_NE(text.str().find("`" + type + "`"), std::string::npos) << type;
}

}  // namespace
