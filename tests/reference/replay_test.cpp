#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <gradus/gradus.hpp>

// Random expression graphs, with the values and derivatives that PyTorch finds for them (generate.py says how
// they are drawn), replayed op by op.
namespace gradus {
namespace {

using Json = nlohmann::json;
using Tensors = std::vector<Tensor<double>>;

constexpr double value_tolerance = 1e-12, gradient_tolerance = 1e-10, second_tolerance = 1e-9;

/// Ops that no graph has, each with its reason.
const std::map<std::string, std::string> not_drawn{
    {"flow", "the product of backward sweeps, of which PyTorch has none"},
    {"polygamma",
     "its first operand is a whole number without a gradient; digamma's second derivatives call it"},
};

std::vector<std::string> read_lines(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) throw DataError("cannot open " + path);
  std::string text;
  std::vector<char> block(std::size_t{1} << 20);
  for (int n; (n = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0;)
    text.append(block.data(), static_cast<std::size_t>(n));
  gzclose(file);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  return lines;
}

Array<double> array(const Json& shape, const Json& data) {
  Array<double> result = empty_array<double>(shape.get<std::vector<std::size_t>>());
  const auto numbers = data.get<std::vector<double>>();
  if (numbers.size() != result.size()) throw DataError("the data does not fill its shape");
  std::copy(numbers.begin(), numbers.end(), result.data());
  return result;
}

AttributeValue attribute(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_array()) return value.get<std::vector<std::ptrdiff_t>>();
  if (value.is_string()) return value.get<std::string>();
  return value.get<double>();
}

Attributes attributes_of(const Json& step) {
  Attributes attributes;
  if (step.contains("with"))
    for (const auto& [name, value] : step["with"].items()) attributes[name] = attribute(value);
  return attributes;
}

/// The root of a graph; X is Tensor<double> or Scalar.
template <class X>
X replay(const Json& steps, std::vector<X> values) {
  for (const Json& step : steps) {
    if (step["op"] == "constant") {
      if constexpr (is_tensor<X>) values.push_back(array(step["shape"], step["data"]));
      continue;
    }
    std::vector<X> operands;
    for (const std::size_t i : step["in"]) operands.push_back(values.at(i));
    values.push_back(apply_op(step["op"].get<std::string>(), operands, attributes_of(step)));
  }
  return values.back();
}

/// Relative to the largest number of the array: what cancels to less than that is lost in rounding.
void expect_near(const Array<double>& found, const Json& expected, double tolerance,
                 const std::string& what) {
  const auto numbers = expected.get<std::vector<double>>();
  ASSERT_EQ(found.size(), numbers.size()) << what;
  double scale = 1e-3;
  for (const double x : numbers) scale = std::max(scale, std::abs(x));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_NEAR(found.data()[i], numbers[i], tolerance * scale) << what << ", element " << i;
}

void expect_gradients(const Tensors& found, const Json& expected, double tolerance, const std::string& what) {
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_near(found[i].value(), expected[i], tolerance, what + std::to_string(i));
}

Tensors inputs_of(const Json& graph) {
  Tensors inputs;
  for (const Json& input : graph["inputs"]) inputs.push_back(variable(array(input["shape"], input["data"])));
  return inputs;
}

void check_graph(const Json& graph, const std::string& name) {
  const Tensors inputs = inputs_of(graph);
  const Tensor<double> root = replay(graph["steps"], inputs), seed = array(graph["shape"], graph["seed"]);
  ASSERT_EQ(root.shape(), seed.shape()) << name;
  expect_near(root.value(), graph["value"], value_tolerance, name + "the value");
  expect_gradients(grad(root, inputs, seed, {.retain_graph = true}), graph["grads"], gradient_tolerance,
                   name + "the gradient of input ");
  if (!graph.contains("second")) return;
  const Tensors slopes = grad(root, inputs, seed, {.create_graph = true});
  Tensor<double> total = 0.0;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    total += sum(slopes[i] * array(graph["inputs"][i]["shape"], graph["second"]["weights"][i]));
  if (!total.requires_grad()) total = sum(inputs[0]) * 0.0;
  expect_gradients(grad(total, inputs), graph["second"]["grads"], second_tolerance,
                   name + "the second derivative of input ");
}

/// The same with Scalars.
void check_graph_of_numbers(const Json& graph, const std::string& name) {
  std::vector<Scalar> inputs;
  for (const Json& input : graph["inputs"]) inputs.push_back(variable(input["data"][0].get<double>()));
  const Scalar root = replay(graph["steps"], inputs);
  expect_near(Tensor<double>(root.value()).value(), graph["value"], value_tolerance, name + "the value");
  const double seed = graph["seed"][0];
  const std::vector<Scalar> slopes = grad(root, inputs, {.create_graph = true});
  for (std::size_t i = 0; i < inputs.size(); ++i)
    expect_near(Tensor<double>(slopes[i].value() * seed).value(), graph["grads"][i], gradient_tolerance,
                name + "the gradient of input " + std::to_string(i));
  if (!graph.contains("second")) return;
  Scalar total = 0.0;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    total += slopes[i] * seed * graph["second"]["weights"][i][0].get<double>();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const double slope =
        total.requires_grad() ? grad(total, {inputs[i]}, {.retain_graph = true})[0].value() : 0;
    expect_near(Tensor<double>(slope).value(), graph["second"]["grads"][i], second_tolerance,
                name + "the second derivative of input " + std::to_string(i));
  }
}

const std::vector<Json>& graphs() {
  static const std::vector<Json> all = [] {
    std::vector<Json> graphs;
    for (const std::string& line : read_lines(GRADUS_SOURCE_DIR "/tests/reference/graphs.jsonl.gz"))
      graphs.push_back(Json::parse(line));
    return graphs;
  }();
  return all;
}

TEST(Reference, GraphsHaveTheDerivativesThatPyTorchFinds) {
  ASSERT_GE(graphs().size(), 2000u);
  for (std::size_t i = 0; i < graphs().size(); ++i) {
    check_graph(graphs()[i], "graph " + std::to_string(i) + ": ");
    if (HasFailure()) return;  // the first says enough
  }
}

TEST(Reference, SoHaveThoseOfNumbersWithScalars) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < graphs().size(); ++i) {
    if (!graphs()[i]["of_numbers"].get<bool>()) continue;
    check_graph_of_numbers(graphs()[i], "graph " + std::to_string(i) + ": ");
    if (HasFailure()) return;
    ++count;
  }
  EXPECT_GE(count, 100u);
}

TEST(Reference, EveryOpIsInSomeGraph) {
  std::set<std::string> drawn;
  for (const Json& graph : graphs())
    for (const Json& step : graph["steps"]) drawn.insert(step["op"].get<std::string>());
  for (const std::string& name : op_names())
    EXPECT_NE(drawn.contains(name), not_drawn.contains(name)) << name;
}

}  // namespace
}  // namespace gradus
