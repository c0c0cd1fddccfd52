#include <algorithm>
#include <cmath>

#include <gradus/core/error.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/report/report.hpp>

namespace gradus::nn {
namespace {

void check(const xt::xarray<float>& inputs, const xt::xarray<float>& logits,
           const xt::xarray<std::int64_t>& targets, const MistakeOptions& options) {
  const Shape in(inputs.shape()), out(logits.shape()), wanted(targets.shape());
  if (out.size() != 2 || wanted.size() != 1 || in.empty() || in[0] != out[0] || wanted[0] != out[0]) {
    throw ShapeError("[most_confident_mistakes] inputs " + to_string(in) + ", logits " + to_string(out) +
                     ", targets " + to_string(wanted) + ": expected (n,...), (n,classes), (n)");
  }
  for (std::int64_t target : targets) {
    if (target < 0 || static_cast<std::size_t>(target) >= out[1])
      throw ValueError("[most_confident_mistakes] target " + std::to_string(target) +
                       ": expected fewer than " + std::to_string(out[1]) + ", and at least 0");
  }
  if (!options.class_names.empty() && options.class_names.size() != out[1])
    throw ValueError("[most_confident_mistakes] " + std::to_string(options.class_names.size()) +
                     " class names: expected " + std::to_string(out[1]));
  if (!options.rows.empty() && options.rows.size() != out[0])
    throw ShapeError("[most_confident_mistakes] " + std::to_string(options.rows.size()) + " rows: expected " +
                     std::to_string(out[0]));
  const Shape picture(options.picture.begin(), options.picture.end());
  if (!picture.empty() && in[0] > 0 && count(picture) != inputs.size() / in[0])
    throw ShapeError("[most_confident_mistakes] inputs " + to_string(in) + ", picture " + to_string(picture) +
                     ": expected as many elements as in a row");
}

// The probability of the largest logit at `top`; NaN where one is NaN.
double confidence(const float* logits, std::size_t classes, std::size_t top) {
  double sum = 0;
  for (std::size_t i = 0; i < classes; ++i) sum += std::exp(static_cast<double>(logits[i]) - logits[top]);
  return 1 / sum;
}

}  // namespace

std::vector<Mistake> most_confident_mistakes(const xt::xarray<float>& inputs, const xt::xarray<float>& logits,
                                             const xt::xarray<std::int64_t>& targets,
                                             const MistakeOptions& options) {
  check(inputs, logits, targets, options);
  const std::size_t classes = logits.shape(1);
  const auto name = [&](std::size_t i) {
    return options.class_names.empty() ? std::to_string(i) : options.class_names[i];
  };
  std::vector<Mistake> mistakes;
  for (std::size_t row = 0; row < targets.size(); ++row) {
    const float* scores = logits.data() + row * classes;
    const auto top = static_cast<std::size_t>(std::max_element(scores, scores + classes) - scores);
    const auto target = static_cast<std::size_t>(targets.data()[row]);
    const double probability = confidence(scores, classes, top);
    if (top == target || std::isnan(probability)) continue;
    mistakes.push_back({row, name(target), name(top), probability});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.confidence > b.confidence; });
  mistakes.resize(std::min(mistakes.size(), options.most));
  for (Mistake& mistake : mistakes) {
    if (!options.picture.empty()) {
      mistake.picture = xt::xarray<float>::from_shape(options.picture);
      const std::size_t size = mistake.picture.size();
      std::copy_n(inputs.data() + mistake.row * size, size, mistake.picture.data());
    }
    if (!options.rows.empty()) mistake.row = options.rows[mistake.row];
  }
  return mistakes;
}

xt::xarray<float> weight_pictures(const xt::xarray<float>& weight, std::size_t height, std::size_t width,
                                  std::size_t most) {
  if (weight.dimension() != 2 || weight.shape(0) != height * width) {
    throw ShapeError("[weight_pictures] weight " + to_string(Shape(weight.shape())) + ", pictures (" +
                     std::to_string(height) + "," + std::to_string(width) + "): expected (" +
                     std::to_string(height * width) + ",out)");
  }
  const std::size_t count = std::min(most, weight.shape(1));
  xt::xarray<float> pictures = xt::xarray<float>::from_shape({count, height, width});
  for (std::size_t unit = 0; unit < count; ++unit) {
    for (std::size_t i = 0; i < height * width; ++i)
      pictures.data()[unit * height * width + i] = weight(i, unit);
  }
  return pictures;
}

}  // namespace gradus::nn
