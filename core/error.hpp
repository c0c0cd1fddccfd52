#pragma once

#include <stdexcept>
#include <string>

namespace gradus {

/// Base of every exception the library throws. The message begins with the operation in brackets and says
/// what was given, what was expected and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Shapes or axes that do not fit.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A graph used in a way it does not allow: swept twice, changed under a recorded step, no variable to reach.
class GraphError : public Error {
 public:
  using Error::Error;
};

/// A file or data set that is damaged or does not match.
class DataError : public Error {
 public:
  using Error::Error;
};

/// A value outside what the operation accepts: an index, a label, an option.
class ValueError : public Error {
 public:
  using Error::Error;
};

}  // namespace gradus
