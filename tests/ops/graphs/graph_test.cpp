#include <algorithm>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include <gradus/gradus.hpp>

namespace gradus::testing {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

const std::string green = "<font color=\"#008000\">", red = "<font color=\"#d00000\">", end = "</font>";

/// The steps that are no leaves as "op value gradient", sorted: C++ may compute operands in any order.
std::vector<std::string> rows(const Graph& graph) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < graph.steps().size(); ++i) {
    if (graph.steps()[i].is_leaf()) continue;
    const auto value = graph.value(i), gradient = graph.gradient(i);
    const auto text = [](const auto& x) {
      if (!x) return std::string("?");
      char digits[32];
      std::snprintf(digits, sizeof digits, "%.2f", x->at(0));
      return std::string(digits);
    };
    result.push_back(graph.steps()[i].op + " " + text(value) + " " + text(gradient));
  }
  std::sort(result.begin(), result.end());
  return result;
}
using Rows = std::vector<std::string>;

/// The neuron of CS231n, "Backpropagation, Intuitions", with the numbers of its figure.
struct Neuron {
  Scalar w0 = variable(2).named("w0"), x0 = variable(-1).named("x0"), w1 = variable(-3).named("w1"),
         x1 = variable(-2).named("x1"), w2 = variable(-3).named("w2");
  Scalar f = 1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2)));
};
const Rows in_the_figure{"add 1.00 0.20",  "add 1.37 -0.53", "add 4.00 0.20", "div 0.73 1.00",
                         "exp 0.37 -0.53", "mul -2.00 0.20", "mul 6.00 0.20", "neg -1.00 -0.20"};

TEST(Graph, TakenBeforeTheSweepShowsItsGradientsAfterwards) {
  const Neuron n;
  const Graph g = graph(n.f);
  EXPECT_EQ(rows(g)[5], "mul -2.00 ?");
  EXPECT_FALSE(contains(g.dot(), "#d00000"));
  n.f.backward();
  EXPECT_EQ(rows(g), in_the_figure);
}

TEST(Graph, TakenAfterASweepThatRetainsTheGraphHasThemToo) {
  const Neuron n;
  backward(n.f, {.retain_graph = true});
  EXPECT_EQ(rows(graph(n.f)), in_the_figure);
  EXPECT_EQ(n.w0.grad(), graph(n.f).gradient(0)->at(0)) << "and adds nothing to any";
}

TEST(Graph, ShowsTheFigureOfTheLecture) {
  const Neuron n;
  backward(n.f, {.retain_graph = true});
  const std::string dot = graph(n.f).dot();
  for (const char* gate :
       {"label=\"*\"", "label=\"+\"", "label=\"*-1\"", "label=\"exp\"", "label=\"+1\"", "label=\"1/x\""})
    EXPECT_TRUE(contains(dot, gate)) << gate;
  for (const std::string& wire :
       {green + "2.00" + end, red + "-0.20" + end, green + "0.73" + end, red + "1.00" + end})
    EXPECT_TRUE(contains(dot, wire)) << wire;
  for (const char* name : {">w0 <", ">x0 <", ">w1 <", ">x1 <", ">w2 <"})
    EXPECT_TRUE(contains(dot, name)) << name;
  for (int stage = 1; stage <= 7; ++stage)
    EXPECT_TRUE(contains(dot, "label=\"(" + std::to_string(stage) + ")\"")) << stage;
  EXPECT_EQ(occurrences(dot, " -> gate"), 12u) << "a wire for each operand";
}

TEST(Graph, StagesAreThoseOfTheHandles) {
  const Scalar x = variable(2), y = sin(x) * x + x;  // may be recorded as one step of two gates
  const Graph g = graph(y);
  ASSERT_EQ(rows(g).size(), 3u);
  EXPECT_EQ(g.steps().back().stage, y.stage());
  for (const GraphStep& step : g.steps())
    for (const GraphInput& input : step.inputs) {
      EXPECT_LT(g.steps()[input.step].stage, step.stage);
      EXPECT_EQ(&g.steps()[input.step] < &step, true);
    }
}

TEST(Graph, OfTensorsShowsShapesAndWithAnnotateValues) {
  const Tensor<double> w = variable(xt::xarray<double>{{1, 2}, {3, 4}}).named("w");
  EXPECT_FALSE(graph(sum(square(w))).value(1));
  const Annotate on;
  const Tensor<double> y = sum(square(w) + xt::xarray<double>{0.5, 0.25}).named("y");
  backward(y, {.retain_graph = true, .keep_grads = true});
  const Graph g = graph(y);
  const std::string dot = g.dot();
  EXPECT_EQ(*g.gradient(1), (std::vector<double>{1, 1, 1, 1}));
  for (const std::string& part :
       {">(2,2)" + end, green + "[[1.00, 4.00], [9.00, 16.00]]" + end,
        red + "[[2.00, 4.00], [6.00, 8.00]]" + end, std::string("y " + green + "31.50"),
        green + "[0.50, 0.25]" + end, std::string("label=\"x²\"")})
    EXPECT_TRUE(contains(dot, part)) << part << " in\n" << dot;
  EXPECT_FALSE(contains(g.dot({.most_elements = 3}), "9.00")) << "large ones show their shape alone";
  EXPECT_TRUE(contains(g.dot({.digits = 4}), "31.5000"));
}

TEST(Graph, ScalarsAndTensorsMix) {
  const Annotate on;
  const Scalar s = variable(3).named("s");
  const Tensor<float> x = variable(xt::xarray<float>{1, 2}).named("x");
  const Scalar y = to_scalar(sum(x * s)) * s;
  const Graph g = graph(y);
  y.backward();
  EXPECT_EQ(rows(g),
            (Rows{"mul 27.00 1.00", "mul 3.00 ?", "sum 9.00 ?", "to_scalar 9.00 3.00", "to_tensor 3.00 ?"}));
  EXPECT_EQ(s.grad(), 18);
}

TEST(Graph, NamesAreEscaped) {
  const std::string name = "a<b> & \"c\"\\\n\xff é";
  const Scalar x = variable(1).named(name), y = (x * x).named(name);
  const std::string dot = graph(y).dot();
  EXPECT_EQ(occurrences(dot, "a&lt;b&gt; &amp; &quot;c&quot;\\ ? é"), 2u) << dot;
  Annotate on;
  const Scope scope("a \"layer\" \\");
  const Tensor<double> z = sum(variable(xt::xarray<double>{1}));
  EXPECT_TRUE(contains(graph(z).dot(), "label=\"a \\\"layer\\\" \\\\\"")) << graph(z).dot();
}

TEST(Graph, LayersAreBoxes) {
  Rng rng{1};
  const nn::Sequential model{nn::Linear<double>{2, 3, rng}, nn::Sigmoid{}, nn::Linear<double>{3, 1, rng}};
  const std::string dot = graph(sum(model(xt::xarray<double>{{1, 2}}))).dot();
  for (const char* layer : {"label=\"0\"; labeljust", "label=\"1\"; labeljust", "label=\"2\"; labeljust"})
    EXPECT_EQ(occurrences(dot, layer), 1u) << layer << " in\n" << dot;
  const std::string first =
      dot.substr(dot.find("label=\"0\"; labeljust"), dot.find("label=\"1\"; labeljust"));
  EXPECT_TRUE(contains(first, "weight")) << "a layer's parameters stand in its box";
}

/// Whether every element of an XML text is closed.
bool is_balanced(const std::string& xml) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-zA-Z]+)[^<>]*?(/?)>");
  for (std::sregex_iterator at(xml.begin(), xml.end(), tag); at != std::sregex_iterator(); ++at) {
    if ((*at)[3].length() > 0) continue;
    if ((*at)[1].length() == 0) {
      open.push_back((*at)[2]);
    } else {
      if (open.empty() || open.back() != (*at)[2]) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(Graph, IsDrawnAsSvgOrSaysWhatIsMissing) {
  const Neuron n;
  const Scalar f = (n.f * 2).named("a<b> & \"c\"");
  backward(f, {.retain_graph = true});
  try {
    const std::string svg = graph(f).svg();
    EXPECT_TRUE(contains(svg, "<svg ")) << svg;
    EXPECT_TRUE(is_balanced(svg)) << svg;
    for (const char* part :
         {">w0", ">exp<", "#008000\">&#45;2.00<", "#d00000\">&#45;0.39<", "a&lt;b&gt; &amp; &quot;c&quot;"})
      EXPECT_TRUE(contains(svg, part)) << part << " in\n" << svg;
  } catch (const DataError& error) {
    EXPECT_TRUE(contains(error.what(), "libgraphviz-dev")) << error.what();
    EXPECT_TRUE(contains(error.what(), "DOT")) << error.what();
  }
}

TEST(Graph, SaysWhatItCannotShow) {
  const auto message = [](const auto& root, GraphOptions options = {}) {
    try {
      graph(root, options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_TRUE(contains(message(Scalar(1)), "constant"));
  EXPECT_TRUE(contains(message(Tensor<double>(1)), "constant"));
  const Scalar x = variable(1).named("x"), y = exp(x);
  Scalar long_sum = x;
  for (int i = 0; i < 2000; ++i) long_sum = sin(long_sum);
  EXPECT_EQ(message(long_sum), "[graph] more than 500 steps: take the graph of a part, or raise most_steps");
  EXPECT_EQ(message(long_sum, {.most_steps = 2001}), "nothing thrown");
  y.backward();
  EXPECT_TRUE(contains(message(y), "retain_graph")) << message(y);
  const Scalar z = exp(x);
  x.set_value(2);
  EXPECT_TRUE(contains(message(z), "'x' was changed")) << message(z);
  const Tensor<double> a = variable(xt::xarray<double>{1, 2}).named("a"), b = sum(a * a);
  b.backward();
  EXPECT_TRUE(contains(message(b), "retain_graph")) << message(b);
}

}  // namespace
}  // namespace gradus::testing
