#include <algorithm>
#include <functional>
#include <map>

#include <gradus/core/number_text.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/ops/graphs/elementwise_ops.hpp>
#include <gradus/ops/graphs/tensor_formulas.hpp>
#include <gradus/ops/rules.hpp>

namespace gradus::detail {
namespace {

using List = std::vector<std::ptrdiff_t>;

const List& list(const TensorCall& call, const char* attribute) {
  return std::get<List>(call.attributes.at(attribute));
}
double number(const TensorCall& call, const char* attribute) {
  return std::get<double>(call.attributes.at(attribute));
}
bool flag(const TensorCall& call, const char* attribute) {
  return std::get<bool>(call.attributes.at(attribute));
}
std::string text(const TensorCall& call, const char* attribute) {
  const auto found = call.attributes.find(attribute);
  return found == call.attributes.end() ? "" : std::get<std::string>(found->second);
}

std::string tuple(const std::vector<std::size_t>& numbers) {
  std::string result = "(";
  for (std::size_t i = 0; i < numbers.size(); ++i) result += (i > 0 ? ", " : "") + std::to_string(numbers[i]);
  return result + (numbers.size() == 1 ? ",)" : ")");
}

std::string axes_text(const std::vector<std::size_t>& axes) {
  return axes.size() == 1 ? std::to_string(axes[0]) : tuple(axes);
}

std::vector<std::size_t> sizes(const List& list) { return {list.begin(), list.end()}; }

/// One number in all places.
Formula full(const Formula& number, const Shape& shape) {
  if (number.is(1)) return Formula::pattern("np.ones(" + numpy_shape(shape) + ")", {number});
  return Formula::pattern("np.full(" + numpy_shape(shape) + ", $0, dtype=float)", {number});
}

Formula reshaped(const Formula& x, const Shape& from, const Shape& to) {
  if (const Formula* const number = number_of_full(x)) return to.empty() ? *number : full(*number, to);
  if (from == to) return x;
  return x.is_number() ? full(x, to) : Formula::pattern("%0.reshape(" + numpy_shape(to) + ")", {x});
}

Formula stretched(const Formula& x, const Shape& shape) {
  return Formula::pattern("np.broadcast_to($0, " + numpy_shape(shape) + ")", {x});
}

/// "np.sum(x, axis=0)"
Formula reduction(const std::string& function, const TensorCall& call) {
  const std::vector<std::size_t> axes = sizes(list(call, "axes"));
  const Shape& from = call.shapes[0];
  const bool keeps = call.result.size() == from.size() && !from.empty(), is_all = axes.size() == from.size();
  std::string code = function + "($0";
  if (!is_all || axes.empty() || function == "logsumexp") code += ", axis=" + axes_text(axes);
  if (number(call, "ddof") != 0) code += ", ddof=" + number_text(number(call, "ddof"));
  if (keeps) code += ", keepdims=True";
  return Formula::pattern(code + ")", call.inputs);
}

/// factor * x, repeated along the axes that a reduction summed.
Formula spread(const TensorCall& call) {
  const double factor = number(call, "factor");
  Shape kept = call.result;
  for (const std::ptrdiff_t axis : list(call, "axes")) kept[static_cast<std::size_t>(axis)] = 1;
  const Formula* const one = number_of_full(call.inputs[0]);
  const bool is_one = one || call.shapes[0].empty();
  const Formula x = one ? *one : is_one ? call.inputs[0] : reshaped(call.inputs[0], call.shapes[0], kept);
  const double n = 1 / factor;
  const Formula scaled = factor == 1              ? x
                         : n == std::nearbyint(n) ? Formula::infix("/", x, Formula(n))
                                                  : Formula(factor) * x;
  return is_one ? full(scaled, call.result) : stretched(scaled, call.result);
}

/// A factor of a product, stored as it is or transposed: under its own shape, or as the matrix that it is.
struct Factor {
  Formula formula;
  Shape shape;
};
Factor factor(const TensorCall& call, std::size_t i, bool is_transposed) {
  const Formula& x = call.inputs[i];
  Shape shape = call.shapes[i];
  if (!is_transposed) return {x, shape};
  if (shape.size() < 2) return {x, {}};
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return {Formula::pattern(shape.size() == 2 ? "%0.T" : "np.swapaxes($0, -1, -2)", {x}), shape};
}
Formula as_matrix(const TensorCall& call, std::size_t i, bool is_transposed, std::size_t rows,
                  std::size_t columns) {
  if (!is_transposed) return reshaped(call.inputs[i], call.shapes[i], {rows, columns});
  return Formula::pattern("%0.T", {reshaped(call.inputs[i], call.shapes[i], {columns, rows})});
}

/// Whether NumPy's product of the factors, as they are, has the shape of the result.
bool is_product(const Shape& a, const Shape& b, const Shape& result) {
  if (a.empty() || b.empty() || a.back() != b[b.size() - (b.size() == 1 ? 1 : 2)]) return false;
  const auto before = [](const Shape& shape) {  // the axes before those of the matrix
    return Shape(shape.begin(),
                 shape.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(shape.size(), 2)));
  };
  try {
    Shape shape = broadcast_shapes("matmul", before(a), before(b));
    if (a.size() > 1) shape.push_back(a[a.size() - 2]);
    if (b.size() > 1) shape.push_back(b.back());
    return shape == result;
  } catch (const ShapeError&) {
    return false;
  }
}

Formula product_of_two(const TensorCall& call) {
  const bool ta = flag(call, "transposed_first"), tb = flag(call, "transposed_second");
  const std::vector<std::size_t> mnk = sizes(list(call, "extents"));
  if (call.shapes[0].size() == 1 && call.shapes[1].size() == 1 && call.result == Shape{mnk[0], mnk[1]})
    return Formula::pattern("np.outer($0, $1)", call.inputs);
  const Factor a = factor(call, 0, ta), b = factor(call, 1, tb);
  if (is_product(a.shape, b.shape, call.result)) return Formula::infix("@", a.formula, b.formula);
  if (flag(call, "batched"))
    throw GraphError("[staged_code] the " + call.op +
                     " step multiplies many matrices in a way that NumPy's @ does not");
  return reshaped(
      Formula::infix("@", as_matrix(call, 0, ta, mnk[0], mnk[2]), as_matrix(call, 1, tb, mnk[2], mnk[1])),
      {mnk[0], mnk[1]}, call.result);
}

Formula product(const TensorCall& call) {
  const Formula y = product_of_two(call);
  return call.inputs.size() == 3 ? y + call.inputs[2] : y;
}

Formula cross_entropy(const TensorCall& call) {
  const std::string how = text(call, "reduction"), losses = "-np.sum(%1 * log_softmax($0, axis=1), axis=1)";
  if (how == "none") return Formula::pattern("(" + losses + ")", call.inputs);
  return Formula::pattern("np." + how + "(" + losses + ")", call.inputs);
}

Formula joined(const char* function, const TensorCall& call) {
  std::string code = std::string(function) + "((";
  for (std::size_t i = 0; i < call.inputs.size(); ++i) code += "$" + std::to_string(i) + ", ";
  code.erase(code.size() - (call.inputs.size() > 1 ? 2 : 1));
  const auto axis = call.attributes.find("axis");
  const auto at = axis == call.attributes.end() ? 0 : static_cast<int>(std::get<double>(axis->second));
  return Formula::pattern(code + "), axis=" + std::to_string(at) + ")", call.inputs);
}

/// Some columns of x, or x as some columns of zeros.
Formula columns(const TensorCall& call) {
  const std::vector<std::size_t> at = sizes(list(call, "columns"));  // rows, begin, width, all columns
  if (text(call, "map") == "columns") {
    const Formula all = reshaped(call.inputs[0], call.shapes[0], {at[0], at[3]});
    return reshaped(
        Formula::pattern("%0[:, " + std::to_string(at[1]) + ":" + std::to_string(at[1] + at[2]) + "]", {all}),
        {at[0], at[2]}, call.result);
  }
  const Formula part = reshaped(call.inputs[0], call.shapes[0], {at[0], at[2]});
  const std::string before = std::to_string(at[1]), behind = std::to_string(at[3] - at[1] - at[2]);
  return reshaped(Formula::pattern("np.pad($0, ((0, 0), (" + before + ", " + behind + ")))", {part}),
                  {at[0], at[3]}, call.result);
}

/// What a mask, the input `mask`, chooses.
Formula chosen(const TensorCall& call, std::size_t mask, const Formula& a, const Formula& b) {
  const Formula& m = call.inputs[mask];
  if (m.is_number()) return m.is(0) ? b : a;
  return Formula::pattern("np.where($0 != 0, $1, $2)", {m, a, b});
}
Formula masked(const TensorCall& call) {
  const Formula zero(0), &x = call.inputs[0];
  return flag(call, "side") ? chosen(call, 1, x, zero) : chosen(call, 1, zero, x);
}

/// The elements at some positions along the middle axis of (outer, n, inner), or an array of zeros to which
/// they are added there.
Formula at_positions(const TensorCall& call) {
  const std::vector<std::size_t> extents = sizes(list(call, "extents")),
                                 indices = sizes(list(call, "indices"));
  std::string at = "[";
  for (const std::size_t index : indices) at += (at.size() > 1 ? ", " : "") + std::to_string(index);
  at += "]";
  if (text(call, "map") == "take") {
    const Formula x = reshaped(call.inputs[0], call.shapes[0], {extents[0], extents[1], extents[2]});
    return reshaped(Formula::pattern("%0[:, " + at + "]", {x}), {extents[0], indices.size(), extents[2]},
                    call.result);
  }
  const Formula x = reshaped(call.inputs[0], call.shapes[0], {extents[0], indices.size(), extents[2]});
  return reshaped(Formula::pattern("scatter_add($0, " + at + ", " + std::to_string(extents[1]) + ")", {x}),
                  {extents[0], extents[1], extents[2]}, call.result);
}

Formula norm(const TensorCall& call) {
  TensorCall of_squares = call;
  of_squares.inputs = {call.inputs[0] * call.inputs[0]};
  return Formula::pattern("np.sqrt($0)", {reduction("np.sum", of_squares)});
}

Formula along_axis(const TensorCall& call) {
  return Formula::pattern(call.op + "($0, axis=" + number_text(number(call, "axis")) + ")", call.inputs);
}

Formula transposed(const TensorCall& call) {
  const std::vector<std::size_t> order = sizes(list(call, "axes"));
  if (order == std::vector<std::size_t>{1, 0}) return Formula::pattern("%0.T", call.inputs);
  return Formula::pattern("np.transpose($0, " + tuple(order) + ")", call.inputs);
}

Formula clipped(const TensorCall& call) {
  return rules::Clip(number(call, "lo"), number(call, "hi")).forward(call.inputs[0]);
}

using Write = std::function<Formula(const TensorCall&)>;

const std::map<std::string, Write>& maps() {
  static const std::map<std::string, Write> table{
      {"reshape", [](const TensorCall& c) { return reshaped(c.inputs[0], c.shapes[0], c.result); }},
      {"transpose", transposed},
      {"broadcast",
       [](const TensorCall& c) {
         if (const Formula* const number = number_of_full(c.inputs[0])) return full(*number, c.result);
         return c.shapes[0].empty() ? full(c.inputs[0], c.result) : stretched(c.inputs[0], c.result);
       }},
      {"sum_of_copies",
       [](const TensorCall& c) { return sum_of_copies(c.inputs[0], c.shapes[0], c.result); }},
      {"spread", spread},
      {"mask", masked},
      {"take", at_positions},
      {"scatter_add", at_positions},
      {"columns", columns},
      {"among_columns", columns}};
  return table;
}

const std::map<std::string, Write>& ops() {
  static const std::map<std::string, Write> table{
      {"sum", [](const TensorCall& c) { return reduction("np.sum", c); }},
      {"mean", [](const TensorCall& c) { return reduction("np.mean", c); }},
      {"prod", [](const TensorCall& c) { return reduction("np.prod", c); }},
      {"var", [](const TensorCall& c) { return reduction("np.var", c); }},
      {"std", [](const TensorCall& c) { return reduction("np.std", c); }},
      {"max", [](const TensorCall& c) { return reduction("np.max", c); }},
      {"min", [](const TensorCall& c) { return reduction("np.min", c); }},
      {"norm", norm},
      {"where", [](const TensorCall& c) { return chosen(c, 0, c.inputs[1], c.inputs[2]); }},
      {"logsumexp", [](const TensorCall& c) { return reduction("logsumexp", c); }},
      {"softmax", along_axis},
      {"log_softmax", along_axis},
      {"cross_entropy", cross_entropy},
      {"concatenate", [](const TensorCall& c) { return joined("np.concatenate", c); }},
      {"stack", [](const TensorCall& c) { return joined("np.stack", c); }},
      {"to_scalar", [](const TensorCall& c) { return reshaped(c.inputs[0], c.shapes[0], {}); }},
      {"to_tensor", [](const TensorCall& c) { return c.inputs[0]; }},
      {"clip", clipped},
      {"matmul", product},
      {"linear", product},
      {"dot", product},
      {"outer", product},
      {"tensordot", product},
      {"einsum", product}};
  return table;
}

}  // namespace

std::string numpy_shape(const Shape& shape) { return tuple({shape.begin(), shape.end()}); }

Formula sum_of_copies(const Formula& x, const Shape& from, const Shape& to) {
  if (from == to) return x;
  if (to.empty()) return Formula::pattern("np.sum($0)", {x});
  std::vector<std::size_t> axes;
  const std::size_t leading = from.size() - to.size();
  for (std::size_t axis = 0; axis < from.size(); ++axis)
    if (axis < leading || (to[axis - leading] == 1 && from[axis] != 1)) axes.push_back(axis);
  if (axes.size() == leading) return Formula::pattern("np.sum($0, axis=" + axes_text(axes) + ")", {x});
  if (leading == 0) return Formula::pattern("np.sum($0, axis=" + axes_text(axes) + ", keepdims=True)", {x});
  return Formula::pattern("np.sum($0, axis=" + axes_text(axes) + ").reshape(" + numpy_shape(to) + ")", {x});
}

const Formula* number_of_full(const Formula& x) {
  const bool is_full = x.term().kind == Term::Kind::pattern &&
                       (x.term().text.starts_with("np.full(") || x.term().text.starts_with("np.ones("));
  return is_full ? &x.term().arguments[0] : nullptr;
}

Formula product_with(const Formula& x, const Shape& shape_x, const Formula& g, const Shape& shape_g) {
  const Formula* const one = shape_g == shape_x ? number_of_full(g) : nullptr;
  return x * (one ? *one : g);
}

Formula tensor_formula(const TensorCall& call) {
  if (const ElementwiseOp* const op = elementwise_op(call.op)) {
    const Formula &a = call.inputs[0], &b = call.inputs[op->is_binary ? 1 : 0];
    return op->forward(a, b);
  }
  const std::string map = text(call, "map");
  const auto& table = map.empty() ? ops() : maps();
  const auto found = table.find(map.empty() ? call.op : map);
  if (found == table.end()) throw GraphError("[staged_code] NumPy is not written for the op " + call.op);
  return found->second(call);
}

}  // namespace gradus::detail
