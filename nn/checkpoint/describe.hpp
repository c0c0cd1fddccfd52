#pragma once

#include <string>

#include <gradus/nn/modules/module.hpp>

namespace gradus::nn {

/// What a model consists of, without its numbers, in JSON: of each module its type, its attributes and its
/// children,
///   {"type": "Sequential", "children": [{"name": "0", "type": "Linear", "attributes": {"in": 784, ...}},
///   ...]}
/// ValueError for a module that has no type (a function, one of the caller's own), naming where it stands,
/// and for an attribute that is infinite or NaN.
template <class T>
std::string describe_model(const Module<T>& model);
template <class M>
requires requires { typename M::value_type; }
std::string describe_model(const M& model) { return describe_model(Module<typename M::value_type>(model)); }

/// The model of a description, made by make_module(); its first values are drawn from rng. DataError for a
/// text that is no description, saying where; what make_module() throws for types and attributes.
template <class T>
Module<T> build_model(const std::string& description, Rng& rng);

extern template std::string describe_model(const Module<float>&);
extern template std::string describe_model(const Module<double>&);
extern template Module<float> build_model(const std::string&, Rng&);
extern template Module<double> build_model(const std::string&, Rng&);

}  // namespace gradus::nn
