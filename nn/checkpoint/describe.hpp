#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include <gradus/core/error.hpp>
#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// What a model consists of, without its numbers, in JSON: of each module its type, its attributes and its
/// children,
///   {"type": "Sequential", "children": [{"name": "0", "type": "Linear", "attributes": {"in": 784, ...}},
///   ...]}
/// A module that stands in several places is described at the first; the others are {"name": "2", "same_as":
/// "0"}. ValueError for a module that has no type (a function, one of the caller's own), naming where it
/// stands, for one that shares a part of its numbers with another, for an attribute that is infinite or NaN,
/// and for modules in more than 100 others.
template <class T>
std::string describe_model(const Module<T>& model);
template <class M>
requires requires { typename M::value_type; }
std::string describe_model(const M& model) { return describe_model(Module<typename M::value_type>(model)); }

/// The model of a description, made by make_module(); its first values are drawn from rng. DataError for a
/// text that is no description, saying where, and before a model is made that must have more numbers than
/// most_elements (least_elements() says what is known of that); what make_module() throws for types and
/// attributes.
template <class T>
Module<T> build_model(const std::string& description, Rng& rng,
                      std::size_t most_elements = std::numeric_limits<std::size_t>::max());

namespace detail {

/// A model of which describe_model() cannot say what it consists of.
class NotDescribed : public ValueError {
 public:
  using ValueError::ValueError;
};

}  // namespace detail

extern template std::string describe_model(const Module<float>&);
extern template std::string describe_model(const Module<double>&);
extern template Module<float> build_model(const std::string&, Rng&, std::size_t);
extern template Module<double> build_model(const std::string&, Rng&, std::size_t);

}  // namespace gradus::nn
