#include <algorithm>

#include <gradus/nn/modules/sequential.hpp>

namespace gradus::nn {
namespace {

void check_name(const std::string& name, const std::vector<std::string>& earlier) {
  if (name.empty() || name.find('.') != std::string::npos)
    throw ValueError("[Sequential] '" + name + "' cannot be the name of a module: expected one without dots");
  if (std::find(earlier.begin(), earlier.end(), name) != earlier.end())
    throw ValueError("[Sequential] two modules are named '" + name +
                     "': expected a name of its own for each");
}

}  // namespace

template <class T>
Sequential<T>::Sequential(std::vector<Module<T>> modules) : modules_(std::move(modules)) {
  for (std::size_t i = 0; i < modules_.size(); ++i) names_.push_back(std::to_string(i));
  name_variables(this->named_parameters());
}

template <class T>
Sequential<T>::Sequential(NamedModules<T> modules) {
  for (NamedModule<T>& each : modules) {
    check_name(each.name, names_);
    names_.push_back(std::move(each.name));
    modules_.push_back(std::move(each.module));
  }
  name_variables(this->named_parameters());
}

template <class T>
Tensor<T> Sequential<T>::operator()(const Tensor<T>& x) const {
  Tensor<T> y = x;
  for (std::size_t i = 0; i < modules_.size(); ++i) y = run_child(modules_[i], names_[i], y);
  return y;
}

template <class T>
ModuleParts<T> Sequential<T>::parts() const {
  ModuleParts<T> parts{.type = "Sequential"};
  for (std::size_t i = 0; i < modules_.size(); ++i) parts.children.push_back({names_[i], modules_[i]});
  return parts;
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace gradus::nn
