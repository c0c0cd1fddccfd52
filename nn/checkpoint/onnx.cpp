#include <gradus/core/error.hpp>
#include <gradus/nn/checkpoint/onnx.hpp>

#ifdef GRADUS_HAS_ONNX

#include <cstddef>
#include <cstdint>
#include <map>
#include <numbers>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <onnx/onnx_pb.h>

#include <gradus/core/no_grad.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/files/write_file.hpp>
#include <gradus/nn/modules/activations.hpp>

namespace gradus::nn {
namespace {

using Numbers = std::map<std::string, double>;

/// Modules that are one operator: its name, the attributes it takes over (theirs -> ours), and fixed ones.
struct Operator {
  const char* name;
  std::map<std::string, std::string> floats = {};
  Numbers fixed = {};
};

const std::map<std::string, Operator> operators{
    {"Sigmoid", {"Sigmoid"}},
    {"Tanh", {"Tanh"}},
    {"ReLU", {"Relu"}},
    {"LeakyReLU", {"LeakyRelu", {{"alpha", "slope"}}}},
    {"ELU", {"Elu", {{"alpha", "alpha"}}}},
    {"SELU", {"Selu", {}, {{"alpha", 1.6732632423543772}, {"gamma", 1.0507009873554805}}}},
    {"Softplus", {"Softplus"}},
    {"Softsign", {"Softsign"}},
    {"HardSigmoid", {"HardSigmoid", {}, {{"alpha", 1.0 / 6}, {"beta", 0.5}}}},
};

/// Makes the graph of a model, module by module: each function takes the name of its input and gives that of
/// its output.
template <class T>
class Exporter {
 public:
  explicit Exporter(const Module<T>& model) {
    for (const auto& [name, tensor] : model.named_parameters()) names_[tensor.node().get()] = name;
    proto_.set_ir_version(7);
    proto_.set_producer_name("gradus");
    onnx::OperatorSetIdProto* const opset = proto_.add_opset_import();
    opset->set_domain("");
    opset->set_version(onnx_opset);
    graph().set_name("model");
  }

  std::string run(const Module<T>& model, const Shape& input_shape) {
    declare(*graph().add_input(), "input", input_shape);
    node("Identity", {add(model, "input", "")}, "output");
    declare(*graph().add_output(), "output", output_shape(model, input_shape));
    return proto_.SerializeAsString();
  }

 private:
  static constexpr int element_type =
      std::is_same_v<T, float> ? onnx::TensorProto::FLOAT : onnx::TensorProto::DOUBLE;

  onnx::GraphProto& graph() { return *proto_.mutable_graph(); }

  /// An input or output: a batch of arrays of that shape.
  static void declare(onnx::ValueInfoProto& value, const std::string& name, const Shape& shape) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(element_type);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (const std::size_t extent : shape)
      type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(extent));
  }

  /// Found by a run on zeros; without the batch.
  static Shape output_shape(const Module<T>& model, Shape input_shape) {
    const NoGrad off;
    const EvalMode eval{model};
    input_shape.insert(input_shape.begin(), 1);
    const Shape shape = model(full_array<T>(input_shape, T(0))).shape();
    return Shape(shape.begin() + 1, shape.end());
  }

  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op);
    node.set_name("node" + std::to_string(graph().node_size() - 1));
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }
  std::string new_name() { return "step" + std::to_string(graph().node_size()); }
  static void set_float(onnx::NodeProto& node, const std::string& name, double value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(static_cast<float>(value));
  }
  static void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }

  /// A constant of the graph; one that is there already (a shared parameter) is not added again.
  std::string constant(const std::string& name, const Array<T>& value) {
    for (const onnx::TensorProto& each : graph().initializer())
      if (each.name() == name) return name;
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(element_type);
    for (const std::size_t extent : value.shape()) tensor.add_dims(static_cast<std::int64_t>(extent));
    tensor.set_raw_data(value.data(), value.size() * sizeof(T));
    return name;
  }
  std::string parameter(const ModuleParts<T>& parts, const std::string& name) {
    for (const auto& each : parts.parameters)
      if (each.name == name) return constant(names_.at(each.tensor.node().get()), each.tensor.value());
    return "";
  }
  static double number(const ModuleParts<T>& parts, const std::string& name) {
    return std::get<double>(parts.attributes.at(name));
  }

  std::string add(const Module<T>& module, const std::string& x, const std::string& path) {
    const ModuleParts<T> parts = module.parts();
    if (parts.type == "Identity" || parts.type == "Dropout") return x;
    if (parts.type == "Sequential") return add_children(parts, x, path);
    if (parts.type == "MLP") return add_mlp(parts, x, path);
    if (parts.type == "Residual") return add_node("Add", {x, add_children(parts, x, path)});
    if (parts.type == "HardSwish") return add_node("Mul", {x, add_operator("HardSigmoid", {}, x)});
    if (parts.type == "SiLU") return add_node("Mul", {x, add_node("Sigmoid", {x})});
    if (parts.type == "Mish") return add_node("Mul", {x, add_node("Tanh", {add_node("Softplus", {x})})});
    if (parts.type == "GELU") return add_gelu(x);
    if (parts.type == "LayerNorm") return add_layer_norm(parts, x);
    if (parts.type == "RMSNorm") return add_rms_norm(parts, x);
    if (parts.type == "Embedding") return add_embedding(parts, x);
    if (parts.type == "Linear") return add_linear(parts, x);
    if (parts.type == "BatchNorm1d" || parts.type == "BatchNorm2d") return add_batch_norm(parts, x, path);
    if (parts.type == "Flatten" || parts.type == "Softmax" || parts.type == "LogSoftmax")
      return add_along_axis(parts, x);
    if (parts.type == "Unflatten") return add_unflatten(parts, x);
    if (operators.contains(parts.type)) return add_operator(parts.type, parts, x);
    throw ValueError("[export_onnx] '" + (path.empty() ? "the model" : path) + "' is " +
                     (parts.type.empty() ? "a function" : "a " + parts.type) +
                     ": expected modules that can be written as ONNX operators");
  }

  std::string add_children(const ModuleParts<T>& parts, std::string x, const std::string& path) {
    for (const auto& [name, child] : parts.children)
      x = add(child, x, path.empty() ? name : path + "." + name);
    return x;
  }

  std::string add_mlp(const ModuleParts<T>& parts, std::string x, const std::string& path) {
    for (std::size_t i = 0; i < parts.children.size(); ++i) {
      x = add_linear(parts.children[i].module.parts(), x);
      const bool is_last = i + 1 == parts.children.size();
      const auto chosen = parts.attributes.find(is_last ? "output" : "hidden");
      if (chosen != parts.attributes.end())
        x = add(activation_module<T>(activation_named(std::get<std::string>(chosen->second))), x, path);
    }
    return x;
  }

  std::string add_node(const char* op, const std::vector<std::string>& inputs) {
    const std::string y = new_name();
    node(op, inputs, y);
    return y;
  }
  std::string add_number(const char* op, const std::string& a, double b) {
    return add_node(op, {a, constant("number_" + gradus::detail::number_text(b),
                                     full_array<T>(Shape{}, static_cast<T>(b)))});
  }

  /// x (1 + erf(x / sqrt(2))) / 2: an operator of its own from opset 20 on.
  std::string add_gelu(const std::string& x) {
    const std::string erf = add_node("Erf", {add_number("Mul", x, std::numbers::sqrt2 / 2)});
    return add_node("Mul", {add_number("Mul", x, 0.5), add_number("Add", erf, 1)});
  }

  /// The mean along the last axes.
  std::string add_mean(const std::string& x, std::size_t axes) {
    const std::string y = new_name();
    onnx::NodeProto& mean = node("ReduceMean", {x}, y);
    set_int(mean, "keepdims", 1);
    onnx::AttributeProto& list = *mean.add_attribute();
    list.set_name("axes");
    list.set_type(onnx::AttributeProto::INTS);
    for (std::size_t axis = axes; axis > 0; --axis) list.add_ints(-static_cast<std::int64_t>(axis));
    return y;
  }

  /// x / sqrt(mean(x^2) + eps) along the last axes, then times the weight and plus the bias, if there are
  /// any.
  std::string add_scaled(const ModuleParts<T>& parts, const std::string& x, std::size_t axes) {
    const std::string mean = add_mean(add_node("Mul", {x, x}), axes);
    std::string y = add_node("Div", {x, add_node("Sqrt", {add_number("Add", mean, number(parts, "eps"))})});
    if (const std::string weight = parameter(parts, "weight"); !weight.empty())
      y = add_node("Mul", {y, weight});
    if (const std::string bias = parameter(parts, "bias"); !bias.empty()) y = add_node("Add", {y, bias});
    return y;
  }

  /// An operator of its own from opset 17 on.
  std::string add_layer_norm(const ModuleParts<T>& parts, const std::string& x) {
    const std::size_t axes = std::get<std::vector<std::ptrdiff_t>>(parts.attributes.at("shape")).size();
    return add_scaled(parts, add_node("Sub", {x, add_mean(x, axes)}), axes);
  }
  std::string add_rms_norm(const ModuleParts<T>& parts, const std::string& x) {
    return add_scaled(parts, x, 1);
  }

  /// Indices come as numbers of the model's own kind; an index that is none of the items is an error there
  /// too.
  std::string add_embedding(const ModuleParts<T>& parts, const std::string& x) {
    const std::string indices = new_name();
    set_int(node("Cast", {x}, indices), "to", onnx::TensorProto::INT64);
    return add_node("Gather", {parameter(parts, "weight"), indices});
  }

  std::string add_linear(const ModuleParts<T>& parts, const std::string& x) {
    std::vector<std::string> inputs{x, parameter(parts, "weight")};
    if (const std::string bias = parameter(parts, "bias"); !bias.empty()) inputs.push_back(bias);
    return add_node("Gemm", inputs);
  }

  std::string add_batch_norm(const ModuleParts<T>& parts, const std::string& x, const std::string& path) {
    std::map<std::string, Array<T>> statistics;
    for (const auto& [name, buffer] : parts.buffers) statistics.emplace(name, buffer.value());
    const Array<T>& mean = statistics.at("running_mean");
    std::string weight = parameter(parts, "weight"), bias = parameter(parts, "bias");
    if (weight.empty()) weight = constant(path + ".ones", full_array<T>(gradus::shape_of(mean), T(1)));
    if (bias.empty()) bias = constant(path + ".zeros", full_array<T>(gradus::shape_of(mean), T(0)));
    const std::string mean_name = constant(path + ".running_mean", mean);
    const std::string var_name = constant(path + ".running_var", statistics.at("running_var"));
    const std::string y = new_name();
    set_float(node("BatchNormalization", {x, weight, bias, mean_name, var_name}, y), "epsilon",
              number(parts, "eps"));
    return y;
  }

  std::string add_along_axis(const ModuleParts<T>& parts, const std::string& x) {
    const std::string y = new_name();
    const bool is_flatten = parts.type == "Flatten";
    set_int(node(parts.type, {x}, y), "axis",
            is_flatten ? 1 : static_cast<std::int64_t>(number(parts, "axis")));
    return y;
  }

  /// The shape is a constant of the graph; its 0 stands for the extent that the input has there.
  std::string add_unflatten(const ModuleParts<T>& parts, const std::string& x) {
    const std::string y = new_name(), shape_name = y + ".shape";
    onnx::TensorProto& shape = *graph().add_initializer();
    shape.set_name(shape_name);
    shape.set_data_type(onnx::TensorProto::INT64);
    shape.add_int64_data(0);
    for (const std::ptrdiff_t extent : std::get<std::vector<std::ptrdiff_t>>(parts.attributes.at("shape")))
      shape.add_int64_data(extent);
    shape.add_dims(shape.int64_data_size());
    node("Reshape", {x, shape_name}, y);
    return y;
  }

  std::string add_operator(const std::string& type, const ModuleParts<T>& parts, const std::string& x) {
    const Operator& op = operators.at(type);
    const std::string y = new_name();
    onnx::NodeProto& added = node(op.name, {x}, y);
    for (const auto& [theirs, ours] : op.floats) set_float(added, theirs, number(parts, ours));
    for (const auto& [theirs, value] : op.fixed) set_float(added, theirs, value);
    return y;
  }

  onnx::ModelProto proto_;
  std::map<const void*, std::string> names_;
};

}  // namespace

bool has_onnx() { return true; }

template <class T>
void export_onnx(const std::filesystem::path& file, const Module<T>& model, const Shape& input_shape) {
  detail::write_file("export_onnx", file, Exporter<T>(model).run(model, input_shape));
}

#else

namespace gradus::nn {

bool has_onnx() { return false; }

template <class T>
void export_onnx(const std::filesystem::path&, const Module<T>&, const Shape&) {
  throw ValueError(
      "[export_onnx] this library was built without ONNX: install libonnx-dev and libprotobuf-dev, then "
      "build it "
      "anew with -DGRADUS_ONNX=ON");
}

#endif

template void export_onnx(const std::filesystem::path&, const Module<float>&, const Shape&);
template void export_onnx(const std::filesystem::path&, const Module<double>&, const Shape&);

}  // namespace gradus::nn
