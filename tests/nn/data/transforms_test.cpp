#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/core/rng.hpp>
#include <gradus/core/shape.hpp>
#include <gradus/nn/data/transforms.hpp>
#include <gradus/tests/nn/data/bytes.hpp>

namespace gradus::nn {
namespace {

using testing::expect_named, testing::message_of;
using Array = xt::xarray<float>;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

// Bit by bit, NaN included.
bool same(const Array& a, const Array& b) {
  return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
           return x == y || (std::isnan(x) && std::isnan(y));
         });
}

void expect_near(const Array& a, const Array& b, double tolerance = 1e-5) {
  ASSERT_EQ(a.shape(), b.shape());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.data()[i], b.data()[i], tolerance) << i;
}

Array random_rows(const Shape& shape) {
  Rng rng{7};
  Array x = Array::from_shape(shape);
  for (float& value : x) value = static_cast<float>(rng.normal(3, 5));
  return x;
}

TEST(Standardize, MeanZeroAndDeviationOneInEachColumn) {
  Standardize transform;
  transform.fit(Array{{1, 10}, {3, 10}, {5, 40}});
  EXPECT_EQ(transform.shift(), (std::vector<double>{3, 20}));
  EXPECT_NEAR(transform.scale()[0], std::sqrt(8.0 / 3), 1e-15);
  EXPECT_NEAR(transform.scale()[1], std::sqrt(200.0), 1e-13);
  expect_near(transform.apply(Array{{3, 40}}), Array{{0, static_cast<float>(20 / std::sqrt(200.0))}});
}

TEST(Standardize, OneShiftAndScaleForAll) {
  Standardize transform{{.per_column = false}};
  transform.fit(Array{{{0, 2}, {4, 6}}, {{0, 2}, {4, 6}}});
  EXPECT_EQ(transform.shift(), (std::vector<double>{3}));
  EXPECT_NEAR(transform.scale()[0], std::sqrt(5.0), 1e-15);
}

TEST(Standardize, AColumnOfOneValueBecomesZeroExactly) {
  Standardize transform;
  Array x = Array::from_shape({1000, 2});
  x.fill(0.1f);  // the mean of which, summed up and divided, is not 0.1f
  transform.fit(x);
  for (float y : transform.apply(x)) EXPECT_EQ(y, 0);
  EXPECT_TRUE(same(transform.invert(transform.apply(x)), x));
  EXPECT_EQ(transform.scale(), (std::vector<double>{1, 1}));
}

TEST(MinMax, ToARange) {
  MinMax unit, signed_range{-1, 3};
  const Array x{{0, 5}, {10, 5}, {5, 5}};
  unit.fit(x);
  signed_range.fit(x);
  EXPECT_TRUE(same(unit.apply(x), Array{{0, 0}, {1, 0}, {0.5f, 0}}));
  EXPECT_TRUE(same(signed_range.apply(x), Array{{-1, -1}, {3, -1}, {1, -1}}));
  EXPECT_TRUE(same(unit.apply(Array{{20, 6}}), Array{{2, 1}}));  // beyond what was learnt
  EXPECT_TRUE(same(signed_range.invert(signed_range.apply(x)), x));
  for (auto [lo, hi] : {std::pair{1.0, 1.0}, {2.0, 1.0}, {0.0, static_cast<double>(infinity)}})
    EXPECT_THROW(MinMax(lo, hi), ValueError);
}

TEST(OneHot, AColumnForEachCategoryInPlace) {
  OneHot transform{{1}};
  transform.fit(Array{{5, 2, 7}, {6, -1, 8}, {5, 2, 9}});
  EXPECT_EQ(transform.categories()[1], (std::vector<float>{-1, 2}));
  EXPECT_TRUE(same(transform.apply(Array{{1, 2, 3}, {nan, -1, 5}}), Array{{1, 0, 1, 3}, {nan, 1, 0, 5}}));
  EXPECT_TRUE(same(transform.invert(Array{{1, 0.2f, 0.9f, 3}, {4, 0.5f, 0.5f, 5}, {1, nan, 1, 0}}),
                   Array{{1, 2, 3}, {4, -1, 5}, {1, nan, 0}}));
  expect_named(message_of<ValueError>([&] {
                 transform.apply(Array{{0, 2, 0}, {0, 3, 0}});
               }),
               {"[OneHot] column 1, row 1: found 3, expected one of the 2 categories"});
  EXPECT_THROW(transform.apply(Array{{0, nan, 0}}), ValueError);
  EXPECT_THROW((OneHot{{1, 0, 1}}), ValueError);
  OneHot beyond{{3}};
  EXPECT_THROW(beyond.fit(Array{{1, 2, 3}}), ShapeError);
  EXPECT_THROW(transform.fit(Array{{1, nan, 3}}), ValueError);
  EXPECT_EQ(transform.categories()[1], (std::vector<float>{-1, 2}));  // as it was
}

TEST(TransformChain, EachLearnsFromWhatThoseBeforeMake) {
  TransformChain chain{OneHot{{0}}, MinMax{}, Standardize{}};
  const Array x{{3, 10}, {4, 20}, {3, 60}};
  const TransformChain before = chain;
  chain.fit(x);
  OneHot one_hot{{0}};
  MinMax range;
  Standardize scale;
  one_hot.fit(x);
  range.fit(one_hot.apply(x));
  scale.fit(range.apply(one_hot.apply(x)));
  EXPECT_TRUE(same(chain.apply(x), scale.apply(range.apply(one_hot.apply(x)))));
  expect_near(chain.invert(chain.apply(x)), x);
  EXPECT_THROW(before.apply(x), ValueError);  // a copy learns on its own
  EXPECT_THROW(chain.fit(Array{{3, 10}, {3, infinity}}), ValueError);
  expect_near(chain.invert(chain.apply(x)), x);  // as it was
}

std::vector<std::unique_ptr<Transform>> every_transform() {
  std::vector<std::unique_ptr<Transform>> all;
  all.push_back(std::make_unique<Standardize>());
  all.push_back(std::make_unique<Standardize>(ScaleOptions{.per_column = false}));
  all.push_back(std::make_unique<MinMax>(-0.1, 0.7));
  all.push_back(std::make_unique<MinMax>(0, 1, ScaleOptions{.per_column = false}));
  all.push_back(std::make_unique<OneHot>(std::vector<std::size_t>{1}));
  all.push_back(std::make_unique<TransformChain>(MinMax{}, OneHot{{0}}, Standardize{}));
  return all;
}

TEST(EveryTransform, InvertsAndIsTheSameAfterJson) {
  const Array x = random_rows({50, 3});
  for (const auto& transform : every_transform()) {
    const auto unfitted = transform_from_json(transform->to_json());
    unfitted->fit(x);
    transform->fit(x);
    EXPECT_EQ(unfitted->to_json(), transform->to_json());
    const Array y = transform->apply(x);
    expect_near(transform->invert(y), x, 2e-5);
    const auto again = transform_from_json(transform->to_json());
    EXPECT_EQ(again->to_json(), transform->to_json());
    EXPECT_TRUE(same(again->apply(x), y)) << transform->to_json();
    EXPECT_TRUE(same(again->invert(y), transform->invert(y)));
    EXPECT_EQ(transform->apply(Array::from_shape({0, 3})).shape(0), 0u);
  }
}

TEST(EveryTransform, RefusesRowsOfAnotherShapeAndUseBeforeFit) {
  for (const auto& transform : every_transform()) {
    expect_named(message_of<ValueError>([&] { transform->apply(Array{{1, 2, 3}}); }), {"used before fit()"});
    expect_named(message_of<ValueError>([&] { transform->invert(Array{{1, 2, 3}}); }), {"used before fit()"});
    EXPECT_THROW(transform->fit(Array::from_shape({0, 3})), ShapeError);
    EXPECT_THROW(transform->fit(Array(1.0f)), ShapeError);
    transform->fit(Array{{1, 2, 3}, {4, 5, 6}});
    expect_named(message_of<ShapeError>([&] {
                   transform->apply(Array{{1, 2}});
                 }),
                 {"array (1,2): expected (n,3)"});
    EXPECT_THROW(transform->apply(Array(1.0f)), ShapeError);
    EXPECT_THROW(transform->invert(Array{{1, 2, 3, 4, 5, 6, 7, 8}}), ShapeError);
  }
}

TEST(Scales, NaNIsNotLearntFromAndStays) {
  Standardize standardize;
  MinMax range;
  const Array x{{1, nan}, {nan, 2}, {3, 4}};
  for (Transform* transform : {static_cast<Transform*>(&standardize), static_cast<Transform*>(&range)}) {
    transform->fit(x);
    EXPECT_TRUE(std::isnan(transform->apply(x)(1, 0)));
    EXPECT_EQ(transform->apply(x)(0, 0), -transform->apply(x)(2, 0) + (transform == &range));
    expect_named(message_of<ValueError>([&] {
                   transform->fit(Array{{1, nan}, {2, nan}});
                 }),
                 {"column 1: found NaN only"});
    expect_named(message_of<ValueError>([&] {
                   transform->fit(Array{{1, 2}, {2, infinity}});
                 }),
                 {"column 1, row 1: found inf, expected finite"});
  }
  EXPECT_EQ(standardize.shift(), (std::vector<double>{2, 3}));
}

TEST(Scales, TakeRowsOfAnyRank) {
  for (const Shape& shape : {Shape{6}, Shape{6, 2}, Shape{6, 2, 3}}) {
    const Array x = random_rows(shape);
    Standardize transform;
    transform.fit(x);
    EXPECT_EQ(transform.shift().size(), x.size() / 6);
    expect_near(transform.invert(transform.apply(x)), x, 2e-5);
  }
}

TEST(TransformFromJson, RefusesWhatIsOfAnotherForm) {
  MinMax range;
  range.fit(Array{{1, 2}, {3, 4}});
  const std::string good = range.to_json();
  const auto replaced = [&](const std::string& part, const std::string& by) {
    std::string text = good;
    text.replace(text.find(part), part.size(), by);
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("3"), std::string("{}"), replaced("MinMax", "MaxMin"),
        replaced("\"scale\":[", "\"scale\":[1,"), replaced("[2]", "[3]"), replaced("[2.0,", "[-2.0,"),
        replaced("\"hi\":1.0", "\"hi\":-1.0"), good.substr(0, 40)}) {
    expect_named(message_of<DataError>([&] { transform_from_json(text); }),
                 {"[transform_from_json]", "expected what to_json() gave"});
  }
}

TEST(TransformFromJson, ChainsGoOnlySoDeep) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += R"({"transform":"TransformChain","parts":[)";
    text += R"({"transform":"OneHot","columns":[0],"categories":[[1.0]]})";
    for (int i = 0; i < depth; ++i) text += "]}";
    return text;
  };
  EXPECT_EQ(transform_from_json(nested(100))->to_json(), nested(100));
  for (const int depth : {101, 100'000})
    expect_named(message_of<DataError>([&] { transform_from_json(nested(depth)); }),
                 {"[transform_from_json]", "nested deeper than 203"});
  std::shared_ptr<const Transform> deepest = transform_from_json(nested(100));
  expect_named(message_of<DataError>([&] { TransformChain({deepest}).to_json(); }),
               {"[TransformChain::to_json]", "nested deeper"});
}

}  // namespace
}  // namespace gradus::nn
