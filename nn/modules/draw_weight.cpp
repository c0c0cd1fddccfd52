#include <string>

#include <gradus/core/error.hpp>
#include <gradus/nn/modules/draw_weight.hpp>

namespace gradus::nn::detail {

template <class T>
Array<T> draw_weight(const char* layer, const Shape& shape, Rng& rng, const Initializer& initializer) {
  const std::string tag = std::string("[") + layer + "] ";
  if (!initializer) throw ValueError(tag + "an empty initializer: expected one such as nn::init::xavier()");
  Array<T> weight = empty_array<T>({});
  {
    const Array<double> drawn = initializer(shape, rng);
    if (shape_of(drawn) != shape)
      throw ShapeError(tag + "the initializer gave a weight of shape " + to_string(shape_of(drawn)) +
                       ": expected " + to_string(shape));
    weight = Array<T>(drawn);
  }
  release_cached_memory();  // of the numbers that were drawn, as doubles
  return weight;
}

template Array<float> draw_weight(const char*, const Shape&, Rng&, const Initializer&);
template Array<double> draw_weight(const char*, const Shape&, Rng&, const Initializer&);

}  // namespace gradus::nn::detail
