#include <map>

#include <gradus/ops/graphs/elementwise_ops.hpp>
#include <gradus/ops/op_codes.hpp>

namespace gradus::detail {
namespace {

using F = const Formula&;

template <class Rule>
constexpr ElementwiseOp unary{Rule::name,
                              false,
                              [](double a, double) { return Rule::forward(a); },
                              [](F a, F) { return Rule::forward(a); },
                              {[](F a, F, F y) { return Rule::dx(a, y); }, nullptr}};

template <class Rule>
constexpr ElementwiseOp binary{
    Rule::name,
    true,
    [](double a, double b) { return Rule::forward(a, b); },
    [](F a, F b) { return Rule::forward(a, b); },
    {[](F a, F b, F y) { return Rule::da(a, b, y); }, [](F a, F b, F y) { return Rule::db(a, b, y); }}};

}  // namespace

const ElementwiseOp* elementwise_op(std::string_view name) {
  static const std::map<std::string_view, const ElementwiseOp*> ops{
#define GRADUS_ROW(function, Rule) {#function, &unary<rules::Rule>},
      GRADUS_UNARY_OPS(GRADUS_ROW)
#undef GRADUS_ROW
#define GRADUS_ROW(function, Rule) {#function, &binary<rules::Rule>},
          GRADUS_BINARY_OPS(GRADUS_ROW)
#undef GRADUS_ROW
  };
  const auto found = ops.find(name);
  return found == ops.end() ? nullptr : found->second;
}

ScalarCode scalar_code(std::uint8_t code) {
  switch (code) {
#define GRADUS_CASE(function, Rule) \
  case Rule##_code:                 \
    return {.op = &unary<rules::Rule>};
    GRADUS_UNARY_OPS(GRADUS_CASE)
#undef GRADUS_CASE
#define GRADUS_CASES(function, Rule)                                 \
  case Rule##_code:                                                  \
    return {.op = &binary<rules::Rule>};                             \
  case Rule##_code + first_constant:                                 \
    return {.op = &binary<rules::Rule>, .has_first_constant = true}; \
  case Rule##_code + second_constant:                                \
    return {.op = &binary<rules::Rule>, .has_second_constant = true};
    GRADUS_BINARY_OPS(GRADUS_CASES)
#undef GRADUS_CASES
    default:
      return {};
  }
}

}  // namespace gradus::detail
