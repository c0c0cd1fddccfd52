#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <gradus/core/error.hpp>
#include <gradus/nn/data/encoder.hpp>
#include <gradus/tests/nn/data/bytes.hpp>

namespace gradus::nn {
namespace {

using testing::expect_named, testing::message_of;
using Names = std::vector<std::string>;
using Numbers = Column::Numbers;
using Texts = Column::Texts;
using Inputs = xt::xarray<float>;
using Classes = xt::xarray<std::int64_t>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// (n, 1), which braces cannot tell from (n).
Inputs one_column(const std::vector<float>& values) {
  Inputs column = Inputs::from_shape({values.size(), std::size_t{1}});
  std::copy(values.begin(), values.end(), column.begin());
  return column;
}

const Table cats({{"age", Numbers{1, 2, 4}},
                  {"color", Texts{"red", "blue", "red"}},
                  {"kind", Texts{"x", "y", "x"}}});
const Table holes({{"age", Numbers{1, nan, 4, 10}},
                   {"color", Texts{"red", "blue", "", "blue"}},
                   {"kind", Texts{"x", "y", "x", "y"}}});

TEST(Encoder, NamesNumbersThatNoFloatHolds) {
  const Table table({{"a", Column::Numbers{1, 1e300}}, {"b", Column::Numbers{1, 2}}});
  const Encoder inputs(table, {.label = "b"}), targets(table, {.label = "a", .regression = true});
  for (const std::string& message : {message_of<DataError>([&] { inputs.classes(table); }),
                                     message_of<DataError>([&] { targets.values(table); })})
    expect_named(message, {"column \"a\", row 2: found 1e+300", "finite as a float"});
}

TEST(Encoder, SaysWhatItMakesOfColumns) {
  const Table table({{"colour", Column::Texts{"red", "blue", "red"}},
                     {"age", Column::Numbers{1, 2, 3}},
                     {"kind", Column::Numbers{0, 1, 1}}});
  const std::vector<EncodedColumn> columns = Encoder(table).columns();
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0].name, "colour");
  EXPECT_FALSE(columns[0].is_numeric);
  EXPECT_EQ(columns[0].categories, (std::vector<std::string>{"blue", "red"}));
  EXPECT_EQ(columns[0].width, 2u);
  EXPECT_EQ(columns[1].name, "age");
  EXPECT_TRUE(columns[1].is_numeric);
  EXPECT_EQ(columns[1].width, 1u);
  EXPECT_EQ(Encoder(table, {.categories = Categories::index}).columns()[0].width, 1u);
}

TEST(Encoder, OneHotAndClassesInAlphabeticalOrder) {
  const Encoder encoder(cats);
  const Dataset set = encoder.classes(cats);
  EXPECT_EQ(set.inputs, (Inputs{{1, 0, 1}, {2, 1, 0}, {4, 0, 1}}));
  EXPECT_EQ(set.targets, (Classes{0, 1, 0}));
  EXPECT_EQ(encoder.feature_names(), (Names{"age", "color=blue", "color=red"}));
  EXPECT_EQ(encoder.class_names(), (Names{"x", "y"}));
  EXPECT_EQ(encoder.options().label, "kind");
}

TEST(Encoder, CategoriesAsPlacesAndALabelByName) {
  const Encoder encoder(cats, {.label = "age", .categories = Categories::index});
  const Dataset set = encoder.classes(cats);
  EXPECT_EQ(set.inputs, (Inputs{{1, 0}, {0, 1}, {1, 0}}));
  EXPECT_EQ(set.targets, (Classes{0, 1, 2}));
  EXPECT_EQ(encoder.class_names(), (Names{"1", "2", "4"}));
  EXPECT_EQ(encoder.feature_names(), (Names{"color", "kind"}));
}

TEST(Encoder, WholeNumbersAreClassesInTheOrderOfTheirValues) {
  const Table table({{"x", Numbers{0, 0, 0, 0}}, {"y", Numbers{10, 9, -1, 9}}});
  const Encoder encoder(table);
  EXPECT_EQ(encoder.class_names(), (Names{"-1", "9", "10"}));
  EXPECT_EQ(encoder.classes(table).targets, (Classes{2, 1, 0, 1}));
}

TEST(Encoder, ValuesToPredict) {
  const Table table({{"x", Numbers{1, 2}}, {"y", Numbers{0.5, -3}}, {"id", Numbers{7, 8}}});
  const Encoder encoder(table, {.label = "y", .regression = true, .ignore = {"id"}});
  const Dataset<float> set = encoder.values(table);
  EXPECT_EQ(set.inputs, one_column({1, 2}));
  EXPECT_EQ(set.targets, one_column({0.5f, -3}));
  EXPECT_TRUE(encoder.class_names().empty());
  EXPECT_THROW(encoder.classes(table), ValueError);
  EXPECT_THROW(Encoder(table).values(table), ValueError);
}

TEST(Encoder, MissingValues) {
  expect_named(message_of<DataError>([] { Encoder(holes).classes(holes); }),
               {"[Encoder] column \"age\", row 2: found a missing value"});
  const auto inputs_with = [](Missing missing) {
    return Encoder(holes, {.missing = missing}).classes(holes).inputs;
  };
  EXPECT_EQ(inputs_with(Missing::mean), (Inputs{{1, 0, 1}, {5, 1, 0}, {4, 1, 0}, {10, 1, 0}}));
  EXPECT_EQ(inputs_with(Missing::median), (Inputs{{1, 0, 1}, {4, 1, 0}, {4, 1, 0}, {10, 1, 0}}));
  const Encoder dropping(holes, {.missing = Missing::drop});
  EXPECT_EQ(dropping.classes(holes).inputs, (Inputs{{1, 0, 1}, {10, 1, 0}}));
  EXPECT_EQ(dropping.classes(holes).targets, (Classes{0, 1}));
  expect_named(message_of<DataError>([&] { dropping.inputs(holes); }), {"column \"age\", row 2"});
  const Table even({{"a", Numbers{1, 2, 10, 3}}, {"b", Numbers{0, 1, 0, 1}}});
  const Table one({{"a", Numbers{nan}}});
  EXPECT_EQ(Encoder(even, {.missing = Missing::median}).inputs(one), one_column({2.5f}));
}

TEST(Encoder, LearnsOfInputsFromTheRowsItIsGivenAlone) {
  const Table table({{"x", Numbers{1, nan, 3, 1000}},
                     {"colour", Texts{"red", "blue", "red", "mauve"}},
                     {"kind", Texts{"b", "a", "b", "c"}}});
  const std::vector<std::size_t> rows{2, 0, 1};
  EncoderOptions options{.missing = Missing::mean};
  const Encoder encoder(table, options, rows);
  EXPECT_EQ(encoder.feature_names(), (Names{"x", "colour=blue", "colour=red"}));
  EXPECT_EQ(encoder.class_names(), (Names{"a", "b", "c"})) << "classes are those of all rows";
  EXPECT_EQ(encoder.labels(table), (Classes{1, 0, 1, 2}));
  expect_named(message_of<DataError>([&] { encoder.classes(table); }),
               {"column \"colour\", row 4: found \"mauve\"", "allow_unknown"});
  options.allow_unknown = true;
  EXPECT_EQ(Encoder(table, options, rows).classes(table).inputs,
            (Inputs{{1, 0, 1}, {2, 1, 0}, {3, 0, 1}, {1000, 0, 0}}));
  options.missing = Missing::drop;
  const Encoder dropping(table, options, rows);
  EXPECT_EQ(dropping.kept_rows(table), (std::vector<std::size_t>{0, 2, 3}));
  EXPECT_EQ(dropping.labels(table), (Classes{0, 0, 1}));
  EXPECT_THROW(Encoder(table, options, std::vector<std::size_t>{1}), DataError) << "its only row is dropped";
  EXPECT_THROW(Encoder(table, options, std::vector<std::size_t>{4}), ValueError);
}

TEST(Encoder, AMissingLabelIsNeverFilledIn) {
  const Table table({{"x", Numbers{1, 2}}, {"y", Texts{"a", ""}}});
  for (Missing missing : {Missing::error, Missing::mean, Missing::median})
    expect_named(message_of<DataError>([&] { Encoder(table, {.missing = missing}); }),
                 {"column \"y\", row 2"});
  EXPECT_EQ(Encoder(table, {.missing = Missing::drop}).classes(table).targets, (Classes{0}));
}

TEST(Encoder, AnotherTableIsEncodedAlike) {
  const Encoder encoder(cats, {.missing = Missing::mean});
  // Other order, one column more, no label, other categories present.
  const Table other({{"color", Texts{"blue", ""}}, {"more", Numbers{0, 0}}, {"age", Numbers{nan, 8}}});
  EXPECT_EQ(encoder.inputs(other), (Inputs{{static_cast<float>(7.0 / 3), 1, 0}, {8, 0, 1}}));
  const Table labelled({{"color", Texts{"red"}}, {"age", Numbers{1}}, {"kind", Texts{"y"}}});
  EXPECT_EQ(encoder.classes(labelled).targets, (Classes{1}));
}

TEST(Encoder, NumbersWhereTextsWereLearntAreTheirTexts) {
  const Table mixed({{"code", Texts{"1", "x", "2.5"}}, {"y", Texts{"1", "b", "1"}}});
  const Encoder encoder(mixed, {.categories = Categories::index});
  const Table numeric({{"code", Numbers{2.5, 1}}, {"y", Numbers{1, 1}}});
  EXPECT_EQ(encoder.classes(numeric).inputs, one_column({1, 0}));
  EXPECT_EQ(encoder.classes(numeric).targets, (Classes{0, 0}));
}

TEST(Encoder, UnknownCategoriesAndTypesAreErrorsUnlessAllowed) {
  const Table green({{"age", Numbers{1, 1}}, {"color", Texts{"red", "green"}}, {"kind", Texts{"x", "z"}}});
  expect_named(message_of<DataError>([&] { Encoder(cats).inputs(green); }),
               {"column \"color\", row 2: found \"green\", expected one of \"blue\", \"red\""});
  const Encoder tolerant(cats, {.allow_unknown = true});
  EXPECT_EQ(tolerant.inputs(green), (Inputs{{1, 0, 1}, {1, 0, 0}}));
  expect_named(message_of<DataError>([&] { tolerant.classes(green); }),
               {"column \"kind\", row 2: found \"z\", expected one of \"x\", \"y\""});
  const Encoder places(cats, {.categories = Categories::index, .allow_unknown = true});
  EXPECT_THROW(places.inputs(green), DataError);
  const Table texts({{"age", Texts{"", "old"}}, {"color", Texts{"red", "red"}}});
  expect_named(message_of<DataError>([&] { Encoder(cats).inputs(texts); }),
               {"column \"age\", row 2: found the text \"old\", expected a column of numbers"});
  EXPECT_THROW(Encoder(cats).inputs(Table({{"age", Numbers{1}}})), ValueError);
}

TEST(Encoder, RefusesWhatItCannotLearnFrom) {
  const auto message = [](const Table& table, const EncoderOptions& options) {
    return message_of<Error>([&] { Encoder(table, options); });
  };
  expect_named(message(cats, {.label = "sort"}), {"[Table] no column \"sort\""});
  expect_named(message(cats, {.ignore = {"kind"}}), {"[Encoder] the label \"kind\" is ignored"});
  expect_named(message(cats, {.ignore = {"age", "color"}}), {"[Encoder] no column but the label"});
  expect_named(message(cats, {.regression = true}), {"column \"kind\", row 1: found the text \"x\""});
  expect_named(message(Table(), {}), {"[Encoder] a table without columns"});
  expect_named(message(Table({{"x", Numbers{}}, {"y", Numbers{}}}), {}), {"[Encoder] no row"});
  expect_named(message(Table({{"x", Numbers{1}}, {"y", Numbers{0.5}}}), {}),
               {"column \"y\", row 1", "whole numbers"});
  expect_named(message(Table({{"x", Numbers{nan}}, {"y", Numbers{1}}}), {}),
               {"column \"x\": found missing values only"});
  const double infinity = std::numeric_limits<double>::infinity();
  expect_named(message(Table({{"x", Numbers{infinity}}, {"y", Numbers{1}}}), {}),
               {"column \"x\", row 1: found an infinite"});
}

TEST(Encoder, IsTheSameAfterJson) {
  const Table awkward({{"a \"quoted\" \xc3\xa4", Numbers{0.1, 0.7, nan}},
                       {"text", Texts{"\xe2\x82\xac", "line\nend", ""}},
                       {"label", Texts{"yes", "no", "no"}}});
  for (Missing missing : {Missing::mean, Missing::median, Missing::drop}) {
    for (Categories categories : {Categories::one_hot, Categories::index}) {
      const Encoder encoder(awkward, {.categories = categories, .missing = missing});
      const Encoder again = Encoder::from_json(encoder.to_json());
      EXPECT_EQ(again.to_json(), encoder.to_json());
      EXPECT_EQ(again.classes(awkward).inputs, encoder.classes(awkward).inputs);
      EXPECT_EQ(again.classes(awkward).targets, encoder.classes(awkward).targets);
      EXPECT_EQ(again.feature_names(), encoder.feature_names());
    }
  }
}

TEST(Encoder, IsNotWrittenWhereTextsAreNoUtf8) {
  const Table latin1({{"x", Texts{"caf\xe9", "tea"}}, {"y", Texts{"a", "b"}}});
  EXPECT_EQ(Encoder(latin1).classes(latin1).targets, (Classes{0, 1}));
  expect_named(message_of<DataError>([&] { Encoder(latin1).to_json(); }), {"[Encoder::to_json]", "UTF-8"});
}

TEST(Encoder, RefusesJsonThatNestsDeep) {
  const std::string deep = R"({"format":)" + std::string(200'000, '[') + std::string(200'000, ']') + "}";
  const std::string message = message_of<DataError>([&] { Encoder::from_json(deep); });
  expect_named(message, {"[Encoder::from_json]", "nested deeper"});
  const std::string wide = R"({"format":")" + std::string(200'000, 'x') + "\"}";
  EXPECT_LT(message_of<DataError>([&] { Encoder::from_json(wide); }).size(), 500u);
}

TEST(Encoder, RefusesJsonOfAnotherForm) {
  const std::string good = Encoder(cats).to_json();
  const auto replaced = [&](const std::string& part, const std::string& by) {
    std::string text = good;
    text.replace(text.find(part), part.size(), by);
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[1]"), replaced("encoder 1", "encoder 2"),
        replaced("\"one_hot\"", "\"hot\""), replaced("\"error\"", "3"),
        replaced("\"missing\": 1\n", "\"missing\": 2\n"), replaced("\"missing\": 1\n", "\"missing\": -1\n"),
        replaced("features", "feature"), good.substr(0, good.size() / 2)}) {
    expect_named(message_of<DataError>([&] { Encoder::from_json(text); }),
                 {"[Encoder::from_json]", "expected what to_json() gave"});
  }
}

}  // namespace
}  // namespace gradus::nn
