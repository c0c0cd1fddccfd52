#include <algorithm>
#include <set>
#include <utility>

#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/describe.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>

namespace gradus::nn::detail {
namespace {

/// The weight of a Linear: the one parameter that lies differently in PyTorch.
template <class T>
NamedParameters<T> linear_weights(const Module<T>& model) {
  return collect(model.parts(), [](const ModuleParts<T>& own) {
    NamedParameters<T> weights;
    if (own.type == "Linear")
      for (const auto& parameter : own.parameters)
        if (parameter.name == "weight") weights.push_back(parameter);
    return weights;
  });
}

template <class T>
Array<T> transposed(const Array<T>& matrix) {
  const std::size_t rows = matrix.shape(0), columns = matrix.shape(1);
  Array<T> result = empty_array<T>({columns, rows});
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) result.data()[j * rows + i] = matrix.data()[i * columns + j];
  return result;
}

constexpr const char *torch_layout = "torch", *gradus_layout = "gradus";

/// How the names and layouts of a model become those of its file.
template <class T>
class FileLayout {
 public:
  FileLayout(const Module<T>& model, const ModelFileOptions& options, bool torch)
      : options_(options), torch_(torch), linear_weights_(linear_weights(model)) {}

  bool is_torch() const { return torch_; }
  std::string name(const std::string& in_model) const {
    return options_.rename ? options_.rename(in_model) : in_model;
  }
  bool is_transposed(const NamedParameter<T>& parameter) const {
    return torch_ && differs_in_torch(parameter);
  }
  bool is_transposed(const NamedBuffer<T>&) const { return false; }

  bool differs_in_torch(const NamedParameter<T>& parameter) const {
    return std::any_of(linear_weights_.begin(), linear_weights_.end(),
                       [&](const auto& each) { return each.is_same(parameter); });
  }
  bool differs_in_torch(const NamedBuffer<T>&) const { return false; }

 private:
  const ModelFileOptions& options_;
  bool torch_;
  NamedParameters<T> linear_weights_;
};

/// What the file itself says of its layout counts; the option is for files that say nothing.
bool has_torch_layout(const Safetensors& contents, const ModelFileOptions& options,
                      std::vector<std::string>& mismatches) {
  const auto said = contents.metadata.find(layout_key);
  if (said == contents.metadata.end()) return options.torch;
  if (said->second != torch_layout && said->second != gradus_layout)
    mismatches.push_back("the layout is '" + said->second + "': expected '" + gradus_layout + "' or '" +
                         torch_layout + "'");
  return said->second == torch_layout;
}

bool is_of_training(const std::string& name) { return name.starts_with(training_prefix); }
bool is_of_torch_alone(const std::string& name) { return name.ends_with("num_batches_tracked"); }

template <class T>
const Array<T>& value_of(const NamedParameter<T>& parameter) {
  return parameter.tensor.value();
}
template <class T>
const Array<T>& value_of(const NamedBuffer<T>& buffer) {
  return buffer.buffer.value();
}

/// Finds arrays by their names, and notes what does not fit.
template <class T>
class Finder {
 public:
  Finder(const Safetensors& contents, bool cast, std::vector<std::string>& mismatches)
      : contents_(contents), cast_(cast), mismatches_(mismatches) {}

  /// The array of that name and shape; an empty one, and a line, when there is none.
  Array<T> find(const std::string& name, const Shape& shape) {
    asked_.insert(name);
    const auto found = contents_.tensors.find(name);
    if (found == contents_.tensors.end()) {
      mismatches_.push_back("'" + name + "' " + to_string(shape) + " is missing");
      return {};
    }
    const AnyArray& array = found->second;
    if (nn::shape_of(array) != shape) {
      mismatches_.push_back("'" + name + "' has shape " + to_string(nn::shape_of(array)) + ": expected " +
                            to_string(shape));
    } else if (!cast_ && !std::holds_alternative<xt::xarray<T>>(array)) {
      mismatches_.push_back("'" + name + "' is of " + type_name(array) + ": expected " +
                            type_name(AnyArray(xt::xarray<T>())));
    } else {
      return Array<T>(array_cast<T>(array));
    }
    return {};
  }
  bool has(const std::string& name, const Shape& shape) const {
    const auto found = contents_.tensors.find(name);
    return found != contents_.tensors.end() && nn::shape_of(found->second) == shape;
  }
  bool was_asked(const std::string& name) const { return asked_.contains(name); }

 private:
  const Safetensors& contents_;
  bool cast_;
  std::vector<std::string>& mismatches_;
  std::set<std::string> asked_;
};

Shape reversed(Shape shape) {
  std::reverse(shape.begin(), shape.end());
  return shape;
}

}  // namespace

template <class T>
void store_model(const std::string& where, const Module<T>& model, const ModelFileOptions& options,
                 Safetensors& contents) {
  for (const auto& [key, text] : contents.metadata)
    if (key == description_key || key == layout_key || key.starts_with(state_key_prefix))
      throw ValueError(where + "metadata under '" + key + "': expected another key, as this one is kept");
  const FileLayout<T> layout(model, options, options.torch);
  const auto store = [&](const auto& named) {
    const std::string name = layout.name(named.name);
    if (is_of_training(name))
      throw ValueError(where + "'" + name +
                       "': names that begin with 'training/' are kept for training runs");
    const Array<T>& value = value_of(named);
    if (!contents.tensors
             .emplace(name, xt::xarray<T>(layout.is_transposed(named) ? transposed(value) : value))
             .second)
      throw ValueError(where + "two arrays have the name '" + name + "' in the file");
  };
  for (const auto& parameter : model.named_parameters()) store(parameter);
  for (const auto& buffer : model.named_buffers()) store(buffer);
  contents.metadata[layout_key] = options.torch ? torch_layout : gradus_layout;
  try {
    contents.metadata[description_key] = describe_model(model);
  } catch (const NotDescribed&) {  // it has modules of the caller's own: a model that is there can be loaded
  } catch (const ValueError& error) {
    throw ValueError(where + error.what());
  }
}

template <class T>
LoadedModel<T>::LoadedModel(const Safetensors& contents, const Module<T>& model,
                            const ModelFileOptions& options, std::vector<std::string>& mismatches)
    : parameters_(model.named_parameters()), buffers_(model.named_buffers()) {
  const FileLayout<T> layout(model, options, has_torch_layout(contents, options, mismatches));
  Finder<T> finder(contents, options.cast, mismatches);
  bool fits_otherwise = false;
  const auto load = [&](const auto& named) {
    const bool is_transposed = layout.is_transposed(named);
    const Shape shape = gradus::shape_of(value_of(named)), other = reversed(shape);
    const std::string name = layout.name(named.name);
    Array<T> array = finder.find(name, is_transposed ? other : shape);
    if (is_transposed && array.dimension() == 2) array = transposed(array);
    if (layout.differs_in_torch(named) && shape != other)
      fits_otherwise |= finder.has(name, is_transposed ? shape : other);
    values_.push_back(std::move(array));
  };
  for (const auto& parameter : parameters_) load(parameter);
  for (const auto& buffer : buffers_) load(buffer);
  for (const auto& [name, array] : contents.tensors) {
    if (finder.was_asked(name) || is_of_training(name)) continue;
    if (is_of_torch_alone(name)) {
      if (layout.is_torch()) continue;
      fits_otherwise = true;
    }
    mismatches.push_back("'" + name + "' " + to_string(nn::shape_of(array)) + " is unexpected");
  }
  if (fits_otherwise)
    mismatches.push_back(layout.is_torch()
                             ? "the file seems to have Gradus's layout: try without torch = true"
                             : "the file seems to have PyTorch's layout: try {.torch = true}");
}

template <class T>
void LoadedModel<T>::put() const {
  std::vector<Array<T>> values = values_;
  for (const auto& parameter : parameters_)  // all of them change or none
    static_cast<gradus::detail::VariableNode<T>&>(*parameter.tensor.node()).own_value();
  std::size_t i = 0;
  for (const auto& parameter : parameters_) parameter.tensor.change("load_model") = std::move(values[i++]);
  for (const auto& buffer : buffers_) buffer.buffer.set_value(std::move(values[i++]));
}

void check_mismatches(const std::string& where, const std::vector<std::string>& mismatches) {
  if (mismatches.empty()) return;
  std::string message = where + "does not fit:";
  for (const std::string& line : mismatches) message += "\n  " + line;
  throw DataError(message);
}

#define GRADUS_INSTANTIATE(T)                                                                             \
  template void store_model(const std::string&, const Module<T>&, const ModelFileOptions&, Safetensors&); \
  template class LoadedModel<T>;
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn::detail
