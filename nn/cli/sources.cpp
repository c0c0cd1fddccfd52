#include <algorithm>
#include <cmath>
#include <filesystem>
#include <type_traits>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/core/number_text.hpp>
#include <gradus/nn/cli/choices.hpp>
#include <gradus/nn/cli/doubts.hpp>
#include <gradus/nn/cli/sources.hpp>
#include <gradus/nn/data/csv.hpp>
#include <gradus/nn/data/csv_cell.hpp>
#include <gradus/nn/data/digits.hpp>
#include <gradus/nn/data/generated.hpp>
#include <gradus/nn/data/idx.hpp>
#include <gradus/nn/data/npy.hpp>
#include <gradus/nn/data/split.hpp>

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

bool is_generated(const std::string& name) {
  const auto& sets = generated_sets();
  return std::any_of(sets.begin(), sets.end(), [&](const Generated& set) { return set.name == name; });
}

struct MissingRow {
  std::string name;
  nn::Missing missing;
};

const std::vector<MissingRow>& missing_policies() {
  static const std::vector<MissingRow> rows{{"error", nn::Missing::error},
                                            {"mean", nn::Missing::mean},
                                            {"median", nn::Missing::median},
                                            {"drop", nn::Missing::drop}};
  return rows;
}

const nn::Encoder& encoder_of(const DataSettings& settings, const Preprocessing& preprocessing) {
  if (!preprocessing.encoder)
    throw DataError("'" + settings.data +
                    "' is a table, and the model has not learnt from one: expected arrays");
  return *preprocessing.encoder;
}

/// Each is the name of a column, or several with commas between them.
std::vector<std::string> columns_named(const nn::Table& table, const std::vector<std::string>& texts) {
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    const auto parts = table.has(text) ? std::vector{text} : parts_of({text});
    names.insert(names.end(), parts.begin(), parts.end());
  }
  return names;
}

nn::Table read_table(const DataSettings& settings, const Preprocessing& preprocessing) {
  const bool tabs = settings.data.ends_with(".tsv") || settings.data.ends_with(".tsv.gz");
  nn::CsvOptions options{.delimiter = settings.delimiter.value_or(tabs ? '\t' : ','),
                         .header = !settings.no_header,
                         .missing = preprocessing.na};
  for (const std::string& word : parts_of(settings.na)) options.missing.push_back(word);
  nn::Table table = nn::read_csv(settings.data, options);
  const std::string& first = table.columns().front().name;
  const char other = nn::detail::likely_delimiter(first, options.delimiter);
  if (table.columns().size() == 1 && other != '\0')
    throw DataError("'" + settings.data + "' has the one column \"" + first + "\": expected --delimiter " +
                    (other == '\t' ? "tab" : std::string("'") + other + "'"));
  return table;
}

AnyDataset generate(const DataSettings& settings, std::size_t rows, Rng& rng) {
  const Generated& set = row_named("generated set", generated_sets(), settings.data);
  return set.make(rows, settings.noise.value_or(set.noise), rng);
}

std::size_t rows_to_generate(const DataSettings& settings) {
  return settings.rows ? settings.rows : row_named("generated set", generated_sets(), settings.data).rows;
}

/// A seed far from it gives the test set, so that it is the same whenever it is asked for, and no set that
/// somebody has learnt from.
AnyDataset generated_test_set(const DataSettings& settings) {
  Rng rng(settings.data_seed + (std::uint64_t{1} << 32));
  return generate(settings, std::max<std::size_t>(rows_to_generate(settings) / 6, 1), rng);
}

/// The array under a name that was asked for, or the first that there is of those it may have.
const nn::AnyArray& find_array(const DataSettings& settings, const nn::NamedArrays& arrays, const char* flag,
                               const std::string& asked, std::vector<std::string> names) {
  if (!asked.empty()) names = {asked};
  for (const std::string& name : names)
    if (const auto found = arrays.find(name); found != arrays.end()) return found->second;
  std::vector<std::string> there;
  for (const auto& [name, array] : arrays) there.push_back(name);
  throw DataError("'" + settings.data + "' has no array " + detail::listed(names) + ": it has " +
                  detail::listed(there) + " (" + flag + " NAME says which it is)");
}

nn::AnyArray input_array(const DataSettings& settings) {
  if (kind_of(settings) == SourceKind::npy)
    return nn::read_npy(settings.inputs.empty() ? settings.data : settings.inputs);
  return find_array(settings, nn::read_npz(settings.data), "--inputs", settings.inputs,
                    {"inputs", "x", "x_train", "X"});
}

nn::AnyArray target_array(const DataSettings& settings) {
  if (kind_of(settings) == SourceKind::npy) {
    if (settings.targets.empty())
      throw ValueError("'" + settings.data + "' has inputs alone: --targets FILE says where the targets are");
    return nn::read_npy(settings.targets);
  }
  return find_array(settings, nn::read_npz(settings.data), "--targets", settings.targets,
                    {"targets", "y", "y_train", "labels"});
}

bool is_whole(const nn::AnyArray& array) {
  return std::visit(
      [](const auto& a) { return std::is_integral_v<typename std::decay_t<decltype(a)>::value_type>; },
      array);
}

nn::Dataset<float> with_values(xt::xarray<float> inputs, const nn::AnyArray& targets) {
  nn::Dataset<float> set{std::move(inputs), nn::array_cast<float>(targets)};
  if (set.targets.dimension() == 1) set.targets.reshape({set.targets.shape(0), std::size_t{1}});
  return set;
}

/// Labels may be (n) or (n, 1), of whole numbers whatever their type.
nn::Dataset<> with_classes(xt::xarray<float> inputs, const nn::AnyArray& targets) {
  nn::Dataset<> set{std::move(inputs), nn::array_cast<std::int64_t>(targets)};
  if (set.targets.dimension() == 2 && set.targets.shape(1) == 1) set.targets.reshape({set.targets.shape(0)});
  for (const std::int64_t label : set.targets)
    if (label < 0 || label > 1'000'000)
      throw DataError("class " + std::to_string(label) +
                      " among the targets: expected 0, 1, 2 ... (--regression takes them as values)");
  return set;
}

/// Values that nobody said were values.
Doubts doubts_of_values(const AnyDataset& examples) {
  const auto* const set = std::get_if<nn::Dataset<float>>(&examples);
  if (!set ||
      std::any_of(set->targets.begin(), set->targets.end(), [](float t) { return t != std::floor(t); }))
    return {};
  return {
      "the targets are whole numbers in floating point and are taken as values: --regression says that they "
      "are, and an array of integers has classes"};
}

/// NaN would spread over the whole model.
void check_finite(const DataSettings& settings, const char* what, const xt::xarray<float>& array) {
  const auto found = std::find_if_not(array.begin(), array.end(), [](float x) { return std::isfinite(x); });
  if (found == array.end()) return;
  const auto place = static_cast<std::size_t>(found - array.begin());
  const std::size_t width = array.size() / array.shape(0);
  throw DataError("'" + settings.data + "': " + what + ", row " + std::to_string(place / width + 1) +
                  ", number " + std::to_string(place % width + 1) + " of it: found " +
                  gradus::detail::number_text(*found) + ", expected a finite number (counted from 1)");
}

void check_rows(const xt::xarray<float>& inputs, const nn::AnyArray& targets) {
  const Shape x(inputs.shape()), y = nn::shape_of(targets);
  if (x.empty() || y.empty() || x[0] != y[0])
    throw ShapeError("inputs " + to_string(x) + ", targets " + to_string(y) +
                     ": expected a row of each for every example");
}

AnyDataset arrays(const DataSettings& settings, bool regression) {
  xt::xarray<float> inputs = nn::array_cast<float>(input_array(settings));
  const nn::AnyArray targets = target_array(settings);
  check_rows(inputs, targets);
  check_finite(settings, "inputs", inputs);
  if (!regression) return with_classes(std::move(inputs), targets);
  nn::Dataset<float> set = with_values(std::move(inputs), targets);
  check_finite(settings, "targets", set.targets);
  return set;
}

std::vector<std::string> numbered_classes(const nn::Dataset<>& set) {
  std::int64_t most = -1;
  for (const std::int64_t label : set.targets) most = std::max(most, label);
  std::vector<std::string> names;
  for (std::int64_t i = 0; i <= most; ++i) names.push_back(std::to_string(i));
  return names;
}

/// What can be told of a set without a table.
void describe(const AnyDataset& all, Preprocessing& preprocessing) {
  preprocessing.regression = std::holds_alternative<nn::Dataset<float>>(all);
  if (const auto* set = std::get_if<nn::Dataset<>>(&all); set && preprocessing.class_names.empty())
    preprocessing.class_names = numbered_classes(*set);
  const auto& shape = inputs_of(all).shape();
  if (shape.size() == 3 || (shape.size() == 4 && shape[3] == 3))
    preprocessing.picture.assign(shape.begin() + 1, shape.end());
}

nn::SplitOptions split_options(double fraction, std::uint64_t seed, bool regression) {
  return {.test = fraction, .seed = seed, .stratified = !regression};
}

void check_can_be_divided(std::size_t rows) {
  if (rows < 2)
    throw DataError(
        "one row alone: expected two or more, of which some are held out, or --validation-fraction 0");
}

template <class Target>
void select(const nn::Dataset<Target>& all, const nn::RowSplit& rows, Source& source) {
  source.train = nn::select_rows(all, rows.train);
  source.held_out = nn::select_rows(all, rows.test);
  source.held_out_rows = rows.test;
}

void hold_out(double fraction, std::uint64_t seed, Source& source) {
  if (fraction == 0) return;
  check_can_be_divided(inputs_of(source.train).shape(0));
  std::visit(
      [&]<class Target>(const nn::Dataset<Target>& set) {
        select(set, nn::split_rows(set.targets, split_options(fraction, seed, std::is_same_v<Target, float>)),
               source);
      },
      AnyDataset(std::move(source.train)));
}

/// The whole table. An error says what was doubted before, for it may come of that.
AnyDataset encoded(const nn::Table& table, const nn::Encoder& encoder, const Doubts& doubts) {
  try {
    if (encoder.options().regression) return encoder.values(table);
    return encoder.classes(table);
  } catch (const DataError& error) {
    std::string message = error.what();
    for (const std::string& doubt : doubts) message += "; " + doubt;
    throw DataError(message);
  }
}

/// Rows are divided first: the encoder learns of those to learn from alone.
Source read_table_source(const DataSettings& settings, double fraction, std::uint64_t seed,
                         Preprocessing& preprocessing) {
  preprocessing.na = parts_of(settings.na);
  const nn::Table table = read_table(settings, preprocessing);
  const nn::EncoderOptions options{
      .label = settings.label,
      .regression = settings.regression,
      .missing = row_named("--missing", missing_policies(), settings.missing).missing,
      .allow_unknown = settings.allow_unknown,
      .ignore = columns_named(table, settings.ignore)};
  if (settings.regression)
    check_numbers(table, options.label.empty() ? table.columns().back().name : options.label);
  nn::Encoder encoder(table, options);
  Source source;
  source.doubts = doubts_of_columns(table, encoder);
  const std::vector<std::size_t> kept = encoder.kept_rows(table);
  nn::RowSplit rows;
  if (fraction > 0) {
    check_can_be_divided(kept.size());
    const nn::SplitOptions split = split_options(fraction, seed, settings.regression);
    rows = settings.regression ? nn::split_rows(xt::xarray<float>::from_shape({kept.size()}), split)
                               : nn::split_rows(encoder.labels(table), split);
    std::vector<std::size_t> learnt_from;
    for (const std::size_t row : rows.train) learnt_from.push_back(kept[row]);
    encoder = nn::Encoder(table, options, learnt_from);
  }
  source.train = encoded(table, encoder, source.doubts);
  if (fraction > 0)
    std::visit([&](const auto& all) { select(all, rows, source); }, AnyDataset(std::move(source.train)));
  for (std::size_t& row : source.held_out_rows) row = kept[row];
  preprocessing.class_names = encoder.class_names();
  preprocessing.encoder = std::move(encoder);
  return source;
}

}  // namespace

const std::vector<Generated>& generated_sets() {
  static const std::vector<Generated> sets{
      {"digits", 10000, 0, [](std::size_t n, double, Rng& rng) { return nn::generate_digits(n, rng); }},
      {"moons", 1000, 0.1, [](std::size_t n, double s, Rng& rng) { return nn::generate_moons(n, s, rng); }},
      {"circles", 1000, 0.1,
       [](std::size_t n, double s, Rng& rng) { return nn::generate_circles(n, s, rng); }},
      {"spirals", 1000, 0.03,
       [](std::size_t n, double s, Rng& rng) { return nn::generate_spirals(n, s, rng); }},
      {"blobs", 1000, 0.3, [](std::size_t n, double s, Rng& rng) { return nn::generate_blobs(n, s, rng); }},
      {"xor", 1000, 0.05, [](std::size_t n, double s, Rng& rng) { return nn::generate_xor(n, s, rng); }},
      {"sine", 1000, 0.05, [](std::size_t n, double s, Rng& rng) { return nn::generate_sine(n, s, rng); }}};
  return sets;
}

SourceKind kind_of(const DataSettings& settings) {
  const std::string& data = settings.data;
  if (is_generated(data)) return SourceKind::generated;
  if (fs::is_directory(data)) return SourceKind::folder;
  const auto ends = [&](const char* end) { return data.ends_with(end); };
  if (ends(".csv") || ends(".csv.gz") || ends(".tsv") || ends(".tsv.gz")) return SourceKind::csv;
  if (ends(".npz")) return SourceKind::npz;
  if (ends(".npy")) return SourceKind::npy;
  throw DataError("'" + data +
                  "' is no data: expected a folder with MNIST's files, a .csv, .tsv, .csv.gz, .npz or .npy "
                  "file, or one of " +
                  detail::listed(names_of(generated_sets())));
}

std::string described(SourceKind kind) {
  switch (kind) {
    case SourceKind::generated:
      return "generated";
    case SourceKind::folder:
      return "a folder";
    case SourceKind::csv:
      return "a table";
    default:
      return "a file of arrays";
  }
}

std::vector<std::string> missing_names() { return names_of(missing_policies()); }

std::vector<std::string> generated_names() { return names_of(generated_sets()); }

bool has_test_set(const DataSettings& settings) {
  const SourceKind kind = kind_of(settings);
  return kind == SourceKind::generated || kind == SourceKind::folder;
}

Source read_source(const DataSettings& settings, double fraction, std::uint64_t seed,
                   Preprocessing& preprocessing) {
  Source source;
  switch (kind_of(settings)) {
    case SourceKind::generated: {
      Rng rng(settings.data_seed);
      source.train = generate(settings, rows_to_generate(settings), rng);
      source.test = generated_test_set(settings);
      if (settings.data == "digits") preprocessing.picture = {28, 28};
      break;
    }
    case SourceKind::folder: {
      nn::DatasetSplit<> split = nn::load_mnist(settings.data);
      source.train = std::move(split.train);
      source.test = std::move(split.test);
      preprocessing.picture = {28, 28};
      break;
    }
    case SourceKind::csv:
      source = read_table_source(settings, fraction, seed, preprocessing);
      preprocessing.regression = settings.regression;
      break;
    case SourceKind::npz:
    case SourceKind::npy:
      source.train = arrays(settings, settings.regression || !is_whole(target_array(settings)));
      if (!settings.regression) source.doubts = doubts_of_values(source.train);
  }
  if (!preprocessing.encoder) {
    describe(source.train, preprocessing);
    hold_out(fraction, seed, source);
  }
  for (std::string& doubt : doubts_of_classes(source.train, preprocessing))
    source.doubts.push_back(std::move(doubt));
  return source;
}

AnyDataset read_examples(const DataSettings& settings, const Preprocessing& preprocessing) {
  switch (kind_of(settings)) {
    case SourceKind::generated:
      return generated_test_set(settings);
    case SourceKind::folder:
      return nn::load_mnist(settings.data).test;
    case SourceKind::csv: {
      const nn::Encoder& encoder = encoder_of(settings, preprocessing);
      const nn::Table table = read_table(settings, preprocessing);
      if (preprocessing.regression) check_numbers(table, encoder.options().label);
      check_numbers(table, encoder);
      return encoded(table, encoder, {});
    }
    default:
      return arrays(settings, preprocessing.regression);
  }
}

xt::xarray<float> read_inputs(const DataSettings& settings, const Preprocessing& preprocessing) {
  switch (kind_of(settings)) {
    case SourceKind::csv: {
      const nn::Encoder& encoder = encoder_of(settings, preprocessing);
      const nn::Table table = read_table(settings, preprocessing);
      check_numbers(table, encoder);
      return encoder.inputs(table);
    }
    case SourceKind::npz:
    case SourceKind::npy:
      return nn::array_cast<float>(input_array(settings));
    default:
      return inputs_of(read_examples(settings, preprocessing));
  }
}

}  // namespace gradus::cli
