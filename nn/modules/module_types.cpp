#include <gradus/nn/modules/activations.hpp>
#include <gradus/nn/modules/batch_norm.hpp>
#include <gradus/nn/modules/conv2d.hpp>
#include <gradus/nn/modules/dropout.hpp>
#include <gradus/nn/modules/embedding.hpp>
#include <gradus/nn/modules/flatten.hpp>
#include <gradus/nn/modules/layer_norm.hpp>
#include <gradus/nn/modules/linear.hpp>
#include <gradus/nn/modules/mlp.hpp>
#include <gradus/nn/modules/module_types.hpp>
#include <gradus/nn/modules/pool2d.hpp>
#include <gradus/nn/modules/prelu.hpp>
#include <gradus/nn/modules/residual.hpp>
#include <gradus/nn/modules/sequential.hpp>
#include <gradus/nn/modules/unflatten.hpp>
#include <gradus/ops/attribute_reader.hpp>

namespace gradus::nn::detail {
namespace {

/// The attributes and children of one call.
template <class T>
struct Call : gradus::detail::AttributeReader {
  Call(const std::string& type, const ModuleArguments<T>& arguments)
      : AttributeReader(type, arguments.attributes), children(arguments.children), rng(arguments.rng) {}

  const NamedModules<T>& children;
  Rng& rng;
};

/// The rows of the table.
template <class T>
class Rows {
 public:
  template <class Make>
  void add(const std::string& type, std::vector<std::string> attributes, const Make& make,
           bool has_children = false) {
    types_[type] = {.attributes = std::move(attributes),
                    .has_children = has_children,
                    .make = [=](const ModuleArguments<T>& arguments) -> Module<T> {
                      return make(Call<T>(type, arguments));
                    }};
  }
  /// How many numbers, at least, modules of the type hold beside their children.
  template <class Elements>
  void count(const std::string& type, const Elements& elements) {
    types_[type].elements = [=](const ModuleArguments<T>& arguments) -> double {
      return elements(Call<T>(type, arguments));
    };
  }
  ModuleTypes<T> types() && { return std::move(types_); }

 private:
  ModuleTypes<T> types_;
};

template <class T>
Linear<T> make_linear(const Call<T>& call) {
  return {call.extent("in"), call.extent("out"), call.rng, {.bias = call.flag("bias", true)}};
}

template <class T>
Embedding<T> make_embedding(const Call<T>& call) {
  EmbeddingOptions options;
  if (call.has("padding_index")) options.padding_index = call.extent("padding_index");
  return {call.extent("items"), call.extent("features"), call.rng, options};
}

/// A pair: [2, 3], or one number for both.
template <class T>
HeightWidth pair_of(const Call<T>& call, const std::string& name) {
  const auto whole = [&](std::ptrdiff_t value) {
    if (value < 0) call.fail("the attribute '" + name + "' is negative: expected 0 or above");
    return static_cast<std::size_t>(value);
  };
  if (call.template holds<double>(name)) return whole(call.integer(name));
  const std::vector<std::ptrdiff_t> pair = call.integers(name);
  if (pair.size() != 2)
    call.fail("the attribute '" + name + "' has " + std::to_string(pair.size()) + " numbers: expected 2");
  return {whole(pair[0]), whole(pair[1])};
}

template <class T>
Conv2d<T> make_conv2d(const Call<T>& call) {
  Conv2dOptions options{.bias = call.flag("bias", true)};
  if (call.has("stride")) options.stride = pair_of(call, "stride");
  if (call.has("padding")) options.padding = pair_of(call, "padding");
  return {call.extent("in"), call.extent("out"), pair_of(call, "kernel"), call.rng, options};
}

template <class Pool, class T>
Pool make_pool(const Call<T>& call) {
  Pool2dOptions options;
  if (call.has("stride")) options.stride = pair_of(call, "stride");
  if (call.has("padding")) options.padding = pair_of(call, "padding");
  return Pool(pair_of(call, "kernel"), options);
}

template <class T>
BatchNormOptions batch_norm_options(const Call<T>& call) {
  const BatchNormOptions usual;
  return {.eps = call.number("eps", usual.eps),
          .momentum = call.number("momentum", usual.momentum),
          .affine = call.flag("affine", usual.affine)};
}

template <class T>
Shape shape_of(const Call<T>& call) {
  Shape shape;
  for (const std::ptrdiff_t extent : call.integers("shape")) {
    if (extent < 1) call.fail("an extent of " + std::to_string(extent) + ": expected at least 1");
    shape.push_back(static_cast<std::size_t>(extent));
  }
  return shape;
}

template <class T>
LayerNorm<T> make_layer_norm(const Call<T>& call) {
  return LayerNorm<T>{shape_of(call),
                      {.eps = call.number("eps", LayerNormOptions{}.eps),
                       .affine = call.flag("affine", LayerNormOptions{}.affine)}};
}

template <class T>
RMSNorm<T> make_rms_norm(const Call<T>& call) {
  return RMSNorm<T>{call.extent("features"),
                    {.eps = call.number("eps", RMSNormOptions{}.eps),
                     .affine = call.flag("affine", RMSNormOptions{}.affine)}};
}

template <class T>
Residual<T> make_residual(const Call<T>& call) {
  if (call.children.size() != 1)
    call.fail(std::to_string(call.children.size()) + " children: expected 1, what is added to its input");
  return Residual<T>{call.children.front().module};
}

template <class T>
std::vector<Linear<T>> linear_layers(const Call<T>& call) {
  std::vector<Linear<T>> layers;
  for (const auto& [name, child] : call.children) {
    const Linear<T>* const layer = child.template as<Linear<T>>();
    if (!layer) call.fail("the child '" + name + "' is a " + child.parts().type + ": expected a Linear");
    layers.push_back(*layer);
  }
  return layers;
}

template <class T>
MLP<T> make_mlp(const Call<T>& call) {
  const Activation hidden = activation_named(call.text("hidden"));
  const Activation output = call.has("output") ? activation_named(call.text("output")) : Activation::identity;
  std::vector<std::size_t> widths;
  for (const std::ptrdiff_t width : call.integers("widths")) {
    if (width < 1) call.fail("a layer of width " + std::to_string(width) + ": expected at least 1");
    widths.push_back(static_cast<std::size_t>(width));
  }
  if (call.children.empty())
    return {widths, hidden, call.rng, {.bias = call.flag("bias", true), .output = output}};

  const std::vector<Linear<T>> layers = linear_layers(call);
  bool fits = widths.size() == layers.size() + 1;
  for (std::size_t i = 0; fits && i < layers.size(); ++i)
    fits = layers[i].in_features() == widths[i] && layers[i].out_features() == widths[i + 1];
  if (!fits) call.fail("its children are not the layers of these 'widths'");
  return {layers, hidden, output};
}

/// The product of extents, which may lie beyond all integers.
template <class T>
double product_of(const Call<T>& call, const std::vector<std::string>& names) {
  double product = 1;
  for (const std::string& name : names) product *= static_cast<double>(call.extent(name));
  return product;
}

template <class T>
void count_elements(Rows<T>& rows) {
  rows.count("Linear", [](const Call<T>& call) { return product_of(call, {"in", "out"}); });
  rows.count("Embedding", [](const Call<T>& call) { return product_of(call, {"items", "features"}); });
  rows.count("PReLU",
             [](const Call<T>& call) { return call.has("slopes") ? product_of(call, {"slopes"}) : 1; });
  rows.count("Conv2d", [](const Call<T>& call) {
    const HeightWidth kernel = pair_of(call, "kernel");
    return product_of(call, {"in", "out"}) * static_cast<double>(kernel.height) *
           static_cast<double>(kernel.width);
  });
  for (const char* const type : {"BatchNorm1d", "BatchNorm2d"})
    rows.count(type, [](const Call<T>& call) { return product_of(call, {"features"}); });
  rows.count("RMSNorm", [](const Call<T>& call) {
    return call.flag("affine", true) ? product_of(call, {"features"}) : 0;
  });
  rows.count("LayerNorm", [](const Call<T>& call) {
    double product = call.flag("affine", true);
    for (const std::ptrdiff_t extent : call.integers("shape")) product *= static_cast<double>(extent);
    return product;
  });
  rows.count("MLP", [](const Call<T>& call) {
    const std::vector<std::ptrdiff_t> widths = call.integers("widths");
    double sum = 0;
    for (std::size_t i = 1; i < widths.size() && call.children.empty(); ++i)
      sum += static_cast<double>(widths[i - 1]) * static_cast<double>(widths[i]);
    return sum;
  });
}

template <class T>
void add_activations(Rows<T>& rows) {
  for (const Activation each : all_activations) {
    const ModuleParts<T> parts = activation_module<T>(each).parts();
    if (parts.attributes.empty())
      rows.add(parts.type, {}, [each](const Call<T>&) { return activation_module<T>(each); });
  }
  rows.add("ELU", {"alpha"}, [](const Call<T>& call) { return ELU{call.number("alpha", ELU{}.alpha)}; });
  rows.add("LeakyReLU", {"slope"},
           [](const Call<T>& call) { return LeakyReLU{call.number("slope", LeakyReLU{}.slope)}; });
  rows.add("HardTanh", {"lo", "hi"}, [](const Call<T>& call) {
    return HardTanh{call.number("lo", -1), call.number("hi", 1)};
  });
  rows.add("Softmax", {"axis"}, [](const Call<T>& call) { return Softmax{call.small("axis", -1)}; });
  rows.add("LogSoftmax", {"axis"}, [](const Call<T>& call) { return LogSoftmax{call.small("axis", -1)}; });
}

template <class T>
void add_layers(Rows<T>& rows) {
  rows.add("Linear", {"in", "out", "bias"}, make_linear<T>);
  rows.add("Embedding", {"items", "features", "padding_index"}, make_embedding<T>);
  rows.add("Dropout", {"p"}, [](const Call<T>& call) { return Dropout{call.number("p"), call.rng}; });
  rows.add("PReLU", {"slopes", "initial"}, [](const Call<T>& call) {
    return PReLU<T>{call.has("slopes") ? call.extent("slopes") : 1, call.number("initial", 0.25)};
  });
  rows.add("Flatten", {}, [](const Call<T>&) { return Flatten{}; });
  rows.add("Unflatten", {"shape"}, [](const Call<T>& call) { return Unflatten{shape_of(call)}; });
}

template <class T>
void add_windows(Rows<T>& rows) {
  rows.add("Conv2d", {"in", "out", "kernel", "stride", "padding", "bias"}, make_conv2d<T>);
  rows.add("MaxPool2d", {"kernel", "stride", "padding"}, make_pool<MaxPool2d, T>);
  rows.add("AvgPool2d", {"kernel", "stride", "padding"}, make_pool<AvgPool2d, T>);
}

template <class T>
void add_norms(Rows<T>& rows) {
  const std::vector<std::string> batch{"features", "eps", "momentum", "affine"};
  rows.add("BatchNorm1d", batch, [](const Call<T>& call) {
    return BatchNorm1d<T>{call.extent("features"), batch_norm_options(call)};
  });
  rows.add("BatchNorm2d", batch, [](const Call<T>& call) {
    return BatchNorm2d<T>{call.extent("features"), batch_norm_options(call)};
  });
  rows.add("LayerNorm", {"shape", "eps", "affine"}, make_layer_norm<T>);
  rows.add("RMSNorm", {"features", "eps", "affine"}, make_rms_norm<T>);
}

template <class T>
void add_containers(Rows<T>& rows) {
  rows.add("MLP", {"widths", "hidden", "output", "bias"}, make_mlp<T>, true);
  rows.add("Residual", {}, make_residual<T>, true);
  rows.add(
      "Sequential", {}, [](const Call<T>& call) { return Sequential<T>(call.children); }, true);
}

}  // namespace

template <class T>
ModuleTypes<T> module_types() {
  Rows<T> rows;
  add_activations(rows);
  add_layers(rows);
  add_windows(rows);
  add_norms(rows);
  add_containers(rows);
  count_elements(rows);
  return std::move(rows).types();
}
template ModuleTypes<float> module_types();
template ModuleTypes<double> module_types();

}  // namespace gradus::nn::detail
