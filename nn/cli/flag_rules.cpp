#include <algorithm>

#include <gradus/nn/cli/flag_rules.hpp>
#include <gradus/nn/cli/make_parts.hpp>
#include <gradus/nn/cli/sources.hpp>

namespace gradus::cli {
namespace {

/// Flags that count only where something else is so.
struct Rule {
  std::vector<std::string> flags;
  bool they_count;
  std::string where;  ///< the flag "goes with" this
};

void refuse_others(const std::vector<std::string>& given, const std::vector<Rule>& rules) {
  for (const Rule& rule : rules)
    for (const std::string& flag : rule.flags)
      if (!rule.they_count && std::find(given.begin(), given.end(), flag) != given.end())
        throw UsageError(flag + " goes with " + rule.where);
}

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> flags_given(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    if (option->count() > 0 && !option->get_lnames().empty())
      flags.push_back("--" + option->get_lnames().front());
  return flags;
}

void check_data_flags(const std::vector<std::string>& given, const DataSettings& data) {
  const SourceKind kind = kind_of(data);
  const bool is_table = kind == SourceKind::csv,
             has_arrays = kind == SourceKind::npz || kind == SourceKind::npy;
  const std::string but = ", and '" + data.data + "' is " + described(kind);
  refuse_others(
      given, {{{"--label", "--ignore", "--missing", "--na", "--delimiter", "--no-header"},
               is_table,
               "tables (.csv, .tsv)" + but},
              {{"--inputs", "--targets"}, has_arrays, "arrays (.npy, .npz)" + but},
              {{"--regression"}, is_table || has_arrays, "tables and arrays" + but},
              {{"--rows", "--noise", "--data-seed"}, kind == SourceKind::generated, "generated data" + but}});
}

void check_train_flags(const std::vector<std::string>& given, const TrainSettings& settings) {
  check_data_flags(given, settings.data);
  const bool falls_in_steps = is_one_of(settings.schedule.name, {"step", "exponential", "inverse_time"});
  const bool has_plateau = settings.schedule.plateau > 0;
  refuse_others(given,
                {{{"--hidden", "--activation", "--dropout", "--batch-norm", "--init"},
                  settings.model.file.empty(),
                  "the program's own model, and --model is another"},
                 {{"--scale-together"}, !settings.scale.empty() && settings.scale != "none", "a --scale"},
                 {{"--factor"},
                  falls_in_steps || has_plateau,
                  "--plateau or a --schedule step, exponential or inverse_time"},
                 {{"--every"}, falls_in_steps, "a --schedule step, exponential or inverse_time"},
                 {{"--monitor"},
                  has_plateau || settings.patience > 0 || settings.keep_best,
                  "--plateau, --patience or --keep-best"}});
}

}  // namespace gradus::cli
