#pragma once

#include <concepts>
#include <cstdint>
#include <string>

#include <gradus/core/tensor.hpp>
#include <gradus/ops/bridge.hpp>
#include <gradus/ops/op_name.hpp>

/// Which arguments a tensor function accepts beside tensors: numbers, Scalars, xtensor arrays and
/// expressions. The functions are constrained forwarding overloads, because xtensor's own operators and
/// functions accept anything by forwarding reference and would win against a plain `const Tensor<T>&`.
namespace gradus {

template <class A>
concept AnyTensor = is_tensor<std::decay_t<A>>;

template <class A>
concept Operand =
    AnyTensor<A> || std::same_as<std::decay_t<A>, Scalar> || Number<std::decay_t<A>> || ArrayExpression<A>;

/// An xtensor array or expression of integers: class labels, masks.
template <class E>
concept IntegralArray = ArrayExpression<E> && std::integral<typename std::decay_t<E>::value_type>;

/// The same but for bool: positions along an axis.
template <class E>
concept IndexArray = IntegralArray<E> && !std::same_as<typename std::decay_t<E>::value_type, bool>;

namespace detail {

/// What the first array among the operands makes a tensor of; void when there is none.
template <class... A>
struct ElementOfArray {
  using type = void;
};
template <class A, class... Rest>
struct ElementOfArray<A, Rest...> : ElementOfArray<Rest...> {};
template <ArrayExpression A, class... Rest>
struct ElementOfArray<A, Rest...> {
  using type = element_of<A>;
};

/// The element type shared by all tensors among the operands; void when they differ or there is none.
template <class... A>
struct ElementOf {
  using type = void;
};
template <class A, class... Rest>
struct ElementOf<A, Rest...> {
  using rest = typename ElementOf<Rest...>::type;
  static auto find() {
    if constexpr (!is_tensor<A>)
      return std::type_identity<rest>{};
    else if constexpr ((is_tensor<Rest> || ...) && !std::is_same_v<rest, typename A::value_type>)
      return std::type_identity<void>{};
    else
      return std::type_identity<typename A::value_type>{};
  }
  using type = typename decltype(find())::type;
};

}  // namespace detail

/// What the operands make a tensor of: the element type of the tensors among them; where there is none but
/// a Scalar meets an array, float for an array of floats and double for any other. Void: no tensor.
template <class... A>
using element_type_of = typename std::conditional_t<
    (is_tensor<std::decay_t<A>> || ...), detail::ElementOf<std::decay_t<A>...>,
    std::conditional_t<(std::same_as<std::decay_t<A>, Scalar> || ...), detail::ElementOfArray<A...>,
                       std::type_identity<void>>>::type;

/// Operands of which at least one is a tensor (all tensors have one element type), or a Scalar and an array.
template <class... A>
concept TensorOperands = (Operand<A> && ...) && !std::is_void_v<element_type_of<A...>>;

/// The operand as a tensor: a number or an array becomes a constant, a Scalar stays in the graph.
template <class T, class A>
Tensor<T> as_tensor(const A& operand) {
  if constexpr (std::is_same_v<A, Scalar>)
    return to_tensor<T>(operand);
  else
    return Tensor<T>(operand);
}
template <class T>
const Tensor<T>& as_tensor(const Tensor<T>& operand) {
  return operand;
}
template <class T>
Tensor<T> as_tensor(Tensor<T>&& operand) {
  return std::move(operand);
}

namespace detail {

using Integers = Array<std::int64_t>;

/// Indices or labels of any integral type as one type. ValueError for what does not fit.
template <IntegralArray E>
Integers as_integers(const char* op, const E& array) {
  Integers result(array);
  if constexpr (std::same_as<typename E::value_type, std::uint64_t>) {
    for (const std::int64_t value : result)
      if (value < 0)
        throw ValueError("[" + std::string(op) + "] " + std::to_string(static_cast<std::uint64_t>(value)) +
                         " is larger than any index or label");
  }
  return result;
}

}  // namespace detail
}  // namespace gradus
