#pragma once

#include <string>

namespace gradus::cli {

/// From now on the program, when it is interrupted (Ctrl-C), says this before it ends as it would have ended.
void say_when_interrupted(const std::string& line);

}  // namespace gradus::cli
