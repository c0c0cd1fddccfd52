#pragma once

#include <string>

namespace gradus::detail {

/// The shortest text that reads back as the same number: "0.1", "1e-07", "nan". For messages.
std::string number_text(double value);

}  // namespace gradus::detail
