#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gradus/nn/data/dataset.hpp>
#include <gradus/nn/data/table.hpp>

namespace gradus::nn {

/// What becomes of missing values in the columns that inputs are made of.
enum class Missing {
  error,   ///< a DataError that names the first
  mean,    ///< numbers become the column's mean, texts its most frequent category
  median,  ///< numbers become the column's median, texts its most frequent category
  drop,    ///< the row is left out
};

/// How texts become numbers: a column for each category, or one with their places in alphabetical order.
enum class Categories { one_hot, index };

struct EncoderOptions {
  std::string label = {};   ///< the column to be predicted; the last when empty
  bool regression = false;  ///< whether it holds values to predict, and not classes
  Categories categories = Categories::one_hot;
  Missing missing = Missing::error;
  bool allow_unknown = false;  ///< with one_hot: a category not met when fitting is all zeros, and no error
  std::vector<std::string> ignore = {};  ///< columns that are left out
};

/// What an Encoder makes of a column.
struct EncodedColumn {
  std::string name;
  bool is_numeric = true;
  std::vector<std::string> categories = {};  ///< of texts
  std::size_t width = 1;                     ///< how many columns of the inputs it becomes
};

/// Makes tables into data sets, and other tables alike: what it learnt from the first, the categories, class
/// names and what missing values become, is kept for those it meets later, and can be stored with a model:
///
///     Table table = read_csv("train.csv");
///     Encoder encoder(table, {.label = "species"});
///     Dataset train = encoder.classes(table), test = encoder.classes(read_csv("test.csv"));
///     ... model(encoder.inputs(read_csv("new.csv"))) ... encoder.class_names()[prediction] ...
///
/// Columns are found by their names, whatever their order, and others are passed over. A column of numbers
/// where texts were learnt is taken as the texts that its numbers are written as. Messages count rows from 1,
/// without the header.
class Encoder {
 public:
  /// Learns from a table. ValueError when a named column is missing, the label is ignored too, or nothing is
  /// left to learn from; DataError for missing values where Missing::error says so, columns without any
  /// value, a label missing in a row that is not dropped, classes that are neither texts nor whole numbers,
  /// and values to predict that are texts or infinite.
  explicit Encoder(const Table& table, const EncoderOptions& options = {});

  /// Learns what becomes of the inputs from those rows alone, so that nothing is known of others that are
  /// held out, though they stand in the same table. Which classes there are it learns from all: that is the
  /// question, and no answer. ValueError for a row that the table has not, and as above.
  Encoder(const Table& table, const EncoderOptions& options, std::span<const std::size_t> rows);

  /// The rows of a table that become data: all, but for those that Missing::drop leaves out.
  std::vector<std::size_t> kept_rows(const Table& table) const;
  /// The targets of classes() by themselves.
  xt::xarray<std::int64_t> labels(const Table& table) const;

  /// The data set for classification: inputs (n, features), targets (n) the places of the labels in
  /// class_names(). DataError, naming column and row, for what the columns did not hold when fitting: another
  /// type, an unknown category or class, a missing value, a number beyond the floats. ValueError after
  /// options.regression.
  Dataset<> classes(const Table& table) const;

  /// The data set for regression: inputs (n, features), targets (n, 1). Errors likewise.
  Dataset<float> values(const Table& table) const;

  /// The inputs alone, for prediction: a row for each of the table, which needs no label. Where rows with
  /// missing values were to be dropped they are a DataError here.
  xt::xarray<float> inputs(const Table& table) const;

  /// The columns of tables that inputs are made of, in the order in which they stand there.
  std::vector<EncodedColumn> columns() const;
  /// A name for each column of the inputs: "age", "color=red".
  std::vector<std::string> feature_names() const;
  /// The classes in the order of their numbers: texts alphabetically, whole numbers by value.
  const std::vector<std::string>& class_names() const { return class_names_; }
  const EncoderOptions& options() const { return options_; }  ///< with the label's name filled in

  /// All of it as JSON, from which from_json() makes an encoder that does the same to the last bit. DataError
  /// for names and categories that are not UTF-8, and for text of another form.
  std::string to_json() const;
  static Encoder from_json(const std::string& text);

 private:
  using Rows = std::vector<std::size_t>;
  struct Feature {
    std::string name;
    bool is_numeric = true;
    double number = 0;                         // what a missing number becomes
    std::vector<std::string> categories = {};  // of texts, in alphabetical order
    std::size_t category = 0;                  // what a missing text becomes
  };

  Encoder() = default;
  void choose_columns(const Table& table);
  void learn_numbers(Feature& feature, const Column& column, const Rows& rows) const;
  void learn_categories(Feature& feature, const Column& column, const Rows& rows) const;
  void learn_classes(const Column& column, const Rows& rows);
  bool fills() const { return options_.missing == Missing::mean || options_.missing == Missing::median; }
  std::size_t width(const Feature& feature) const;
  xt::xarray<float> inputs(const Table& table, const Rows& rows) const;
  void encode_numbers(const Feature& feature, const Column& column, const Rows& rows, float* out,
                      std::size_t stride) const;
  void encode_texts(const Feature& feature, const Column& column, const Rows& rows, float* out,
                    std::size_t stride) const;

  EncoderOptions options_;
  std::vector<Feature> features_;
  std::vector<std::string> class_names_;
};

}  // namespace gradus::nn
