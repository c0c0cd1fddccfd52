#include <string>

#include <gradus/ops/index.hpp>
#include <gradus/ops/maps.hpp>
#include <gradus/ops/stretched.hpp>

namespace gradus::detail {
namespace {

/// Negative indices made positive.
void normalize(Integers& indices, const Shape& shape, std::size_t axis) {
  const auto extent = static_cast<std::int64_t>(shape[axis]);
  for (std::int64_t& index : indices) {
    if (index < -extent || index >= extent)
      throw ValueError(
          OpName::take.tag() + "index " + std::to_string(index) + " along axis " + std::to_string(axis) +
          " of " + to_string(shape) + ": expected " +
          (extent == 0 ? "none" : std::to_string(-extent) + " to " + std::to_string(extent - 1)));
    if (index < 0) index += extent;
  }
}

}  // namespace

template <class T>
Tensor<T> take_integers(const Tensor<T>& x, Integers indices, std::ptrdiff_t axis) {
  const Shape from = x.shape();
  const std::size_t at = normalize_axis(OpName::take.text(), from, axis);
  normalize(indices, from, at);
  Shape to(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(at));
  to.insert(to.end(), indices.shape().begin(), indices.shape().end());
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(at) + 1, from.end());
  count(to, OpName::take.text());

  auto positions = std::make_shared<const Positions>(kernels::around_axis(from, at), std::move(indices));
  return record_linear(Taking{.from = from, .to = to, .at = std::move(positions)}, x);
}

namespace {

/// Each side gets the gradient where it was chosen.
struct WhereVjp {
  Masking side(bool chosen) const { return {.to = shape_of(*mask), .mask = mask, .side = chosen}; }

  template <class T, class Slots>
  void sweep(const Ref<Value<T>>& g, const Slots& dx) const {
    for (const bool chosen : {true, false})
      dx[chosen ? 0 : 1].write(shape_of(*mask), [&](T* out, bool accumulate) {
        side(chosen).apply(g->array.data(), out, accumulate);
      });
  }
  template <class T>
  void record(const GraphFlow<T>& flow) const {
    for (const bool chosen : {true, false})
      if (const GraphSlot<T> slot = flow[chosen ? 0 : 1]) slot.add(record_linear(side(chosen), flow.g));
  }

  std::shared_ptr<const Array<bool>> mask;  // of the result's shape
};

}  // namespace

template <class T>
Tensor<T> select(Array<bool> mask, const Tensor<T>& a, const Tensor<T>& b) {
  const char* const op = OpName::where.text();
  const Shape shape = broadcast_shapes(op, shape_of(mask), broadcast_shapes(op, a.shape(), b.shape()));
  if (shape_of(mask) != shape) {
    Array<bool> stretched_mask = empty_array<bool>(shape);
    kernels::broadcast_copy(mask.data(), shape_of(mask), stretched_mask.data(), shape);
    mask = std::move(stretched_mask);
  }
  Array<T> y = empty_array<T>(shape);
  Noted<T> note = wants_calls() ? Noted<T>(Tensor<T>(mask), a, b) : Noted<T>();
  kernels::where(mask.data(), stretched(a, shape).data(), stretched(b, shape).data(), y.data(), y.size());
  return note.on(record(OpName::where, make_value(std::move(y)), std::array<Ref<Node>, 2>{a.node(), b.node()},
                        WhereVjp{std::make_shared<const Array<bool>>(std::move(mask))}));
}

#define GRADUS_INSTANTIATE(T)                                                   \
  template Tensor<T> take_integers(const Tensor<T>&, Integers, std::ptrdiff_t); \
  template Tensor<T> select(Array<bool>, const Tensor<T>&, const Tensor<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)

}  // namespace gradus::detail
