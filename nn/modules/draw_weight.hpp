#pragma once

#include <gradus/nn/modules/init.hpp>

namespace gradus::nn::detail {

/// The first values of a weight. ValueError, naming the layer, when the initializer is empty; ShapeError when
/// it gives another shape.
template <class T>
Array<T> draw_weight(const char* layer, const Shape& shape, Rng& rng, const Initializer& initializer);

}  // namespace gradus::nn::detail
