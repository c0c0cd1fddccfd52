#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <gradus/core/error.hpp>
#include <gradus/core/expected.hpp>
#include <gradus/nn/checkpoint/stored_model.hpp>
#include <gradus/nn/checkpoint/training_file.hpp>
#include <gradus/nn/files/write_file.hpp>

namespace gradus::nn {
namespace {

using Numbers = std::map<std::string, double>;

std::string under(const std::string& part, const std::string& name) {
  return detail::training_prefix + (part + "/") + name;
}

std::string numbers_of(const std::string& state) { return "states/" + state + "/numbers"; }
std::string arrays_of(const std::string& state) { return "states/" + state + "/arrays"; }

/// Puts the parts of a run into a file.
class Writer {
 public:
  explicit Writer(Safetensors& contents) : contents_(contents) {}

  void numbers(const std::string& part, const Numbers& numbers) {
    for (const auto& [name, number] : numbers)
      contents_.tensors.emplace(under(part, name), xt::xarray<double>(number));
  }
  void rng(const std::string& part, const std::string& name, const Rng& rng) {
    const std::vector<std::uint64_t> state = rng.state();
    xt::xarray<std::uint64_t> words = xt::xarray<std::uint64_t>::from_shape({state.size()});
    std::copy(state.begin(), state.end(), words.begin());
    contents_.tensors.emplace(under(part, name), std::move(words));
  }
  void state(const std::string& name, State state) {
    contents_.metadata[detail::state_key_prefix + name] = state.owner;
    numbers(numbers_of(name), state.numbers);
    for (auto& [array_name, array] : state.arrays)
      contents_.tensors.emplace(under(arrays_of(name), array_name), std::move(array));
  }

 private:
  Safetensors& contents_;
};

/// Takes them out, and notes what does not fit. Nothing is changed before put().
class Reader {
 public:
  Reader(const Safetensors& contents, std::vector<std::string>& mismatches)
      : contents_(contents), mismatches_(mismatches) {}

  /// The numbers that stand under a part.
  Numbers numbers(const std::string& part) {
    Numbers found;
    each(part, [&](const std::string& name, const AnyArray& array) {
      const auto* number = std::get_if<xt::xarray<double>>(&array);
      if (!number || number->dimension() != 0)
        mismatches_.push_back("'" + under(part, name) + "' is no single number of float64");
      else
        found[name] = (*number)();
    });
    return found;
  }

  /// Those of the names that are wanted, all of which must be there, and no others.
  Numbers numbers(const std::string& part, const std::set<std::string>& names) {
    Numbers found = numbers(part);
    for (const std::string& name : names)
      if (found.try_emplace(name, 0).second) mismatches_.push_back("'" + under(part, name) + "' is missing");
    for (const auto& [name, number] : found)
      if (!names.contains(name)) mismatches_.push_back("'" + under(part, name) + "' is unexpected");
    return found;
  }

  void rng(const std::string& part, const std::string& name, Rng& rng) {
    const auto found = contents_.tensors.find(under(part, name));
    if (found == contents_.tensors.end()) {
      mismatches_.push_back("'" + under(part, name) + "' is missing");
      return;
    }
    seen_.insert(found->first);
    const auto* words = std::get_if<xt::xarray<std::uint64_t>>(&found->second);
    const std::vector<std::uint64_t> state =
        words ? std::vector<std::uint64_t>(words->begin(), words->end()) : std::vector<std::uint64_t>();
    if (const auto ready = attempt(under(part, name), [&] {
          Rng loaded = rng;
          loaded.set_state(state);
          return loaded;
        }))
      puts_.push_back([&rng, loaded = *ready] { rng = loaded; });
  }

  /// Those that are there must be those that are wanted.
  void states(const std::map<std::string, Stateful*>& wanted) {
    const std::string prefix = detail::state_key_prefix;
    std::vector<std::string> found, expected;
    for (auto at = contents_.metadata.lower_bound(prefix);
         at != contents_.metadata.end() && at->first.starts_with(prefix); ++at) {
      const std::string name = at->first.substr(prefix.size());
      found.push_back(name);
      State loaded = state(name, at->second);
      if (const auto one = wanted.find(name); one != wanted.end())
        put_later(name, *one->second, std::move(loaded));
    }
    for (const auto& [name, stateful] : wanted) expected.push_back(name);
    if (found != expected)
      mismatches_.push_back("it has the states of " + gradus::detail::listed(found) + ": expected those of " +
                            gradus::detail::listed(expected));
  }

  void later(std::function<void()> put) { puts_.push_back(std::move(put)); }

  /// Notes what nobody has asked for.
  void check_rest() {
    for (const auto& [name, array] : contents_.tensors)
      if (name.starts_with(detail::training_prefix) && !seen_.contains(name))
        mismatches_.push_back("'" + name + "' is unexpected");
  }
  void put() const {
    for (const auto& each : puts_) each();
  }
  void note(const std::string& line) { mismatches_.push_back(line); }

 private:
  State state(const std::string& name, const std::string& owner) {
    State state{.owner = owner, .numbers = numbers(numbers_of(name))};
    each(arrays_of(name),
         [&](const std::string& array_name, const AnyArray& array) { state.arrays[array_name] = array; });
    return state;
  }

  void put_later(const std::string& name, Stateful& stateful, State state) {
    for (const std::string& line : stateful.mismatches(state)) mismatches_.push_back(name + ": " + line);
    puts_.push_back([&stateful, state = std::move(state)] { stateful.load_state(state); });
  }

  template <class F>
  void each(const std::string& part, const F& f) {
    const std::string prefix = under(part, "");
    for (auto at = contents_.tensors.lower_bound(prefix);
         at != contents_.tensors.end() && at->first.starts_with(prefix); ++at) {
      seen_.insert(at->first);
      f(at->first.substr(prefix.size()), at->second);
    }
  }

  /// What load() gives; nothing, and a line, when it throws ValueError.
  template <class F>
  std::optional<std::invoke_result_t<F>> attempt(const std::string& name, const F& load) {
    try {
      return load();
    } catch (const ValueError& error) {
      mismatches_.push_back("'" + name + "': " + error.what());
      return std::nullopt;
    }
  }

  const Safetensors& contents_;
  std::vector<std::string>& mismatches_;
  std::set<std::string> seen_;
  std::vector<std::function<void()>> puts_;
};

void read_position(Reader& reader, LoaderPosition& position) {
  const Numbers found = reader.numbers("position", {"pass", "batch"});
  for (const auto& [name, value] : found)
    if (!(value >= 0 && value <= 0x1p53 && value == std::floor(value)))
      reader.note("'" + under("position", name) + "' is no count");
  reader.later([&position, found] {
    position = {static_cast<std::uint64_t>(found.at("pass")), static_cast<std::size_t>(found.at("batch"))};
  });
}

/// The flags and generators of the model's modules.
void read_states(Reader& reader, const NamedStates& states) {
  std::set<std::string> names;
  for (const NamedState& each : states) names.insert(each.name);
  const Numbers training = reader.numbers("modules/training", names);
  for (const NamedState& each : states) {
    if (each.state->rng) reader.rng("modules/rngs", each.name, *each.state->rng);
    reader.later([&state = *each.state, on = training.at(each.name) != 0] { state.training = on; });
  }
}

}  // namespace

template <class T>
void save_training(const std::filesystem::path& file, const TrainingRun<T>& run,
                   const std::map<std::string, std::string>& metadata) {
  Safetensors contents{{}, metadata};
  detail::store_model(detail::tag("save_training", file), run.model, {}, contents);
  Writer writer(contents);
  for (const NamedState& each : run.model.named_states()) {
    writer.numbers("modules/training", {{each.name, each.state->training ? 1 : 0}});
    if (each.state->rng) writer.rng("modules/rngs", each.name, *each.state->rng);
  }
  for (const auto& [name, stateful] : run.states) writer.state(name, stateful->state());
  if (run.position)
    writer.numbers("position", {{"pass", static_cast<double>(run.position->pass)},
                                {"batch", static_cast<double>(run.position->batch)}});
  for (const auto& [name, rng] : run.rngs) writer.rng("rngs", name, *rng);
  for (const auto& [name, number] : run.numbers) writer.numbers("numbers", {{name, *number}});
  detail::write_file("save_training", file,
                     detail::safetensors_bytes(detail::tag("save_training", file), contents));
}

template <class T>
void load_training(const std::filesystem::path& file, const TrainingRun<T>& run) {
  detail::put_training(detail::tag("load_training", file), detail::read_contents("load_training", file), run);
}

template <class T>
void detail::put_training(const std::string& where, const Safetensors& contents, const TrainingRun<T>& run) {
  std::vector<std::string> mismatches;
  const detail::LoadedModel<T> model(contents, run.model, {}, mismatches);
  Reader reader(contents, mismatches);
  read_states(reader, run.model.named_states());
  reader.states(run.states);
  if (run.position) read_position(reader, *run.position);
  for (const auto& [name, rng] : run.rngs) reader.rng("rngs", name, *rng);
  std::set<std::string> names;
  for (const auto& [name, number] : run.numbers) names.insert(name);
  const Numbers numbers = reader.numbers("numbers", names);
  reader.check_rest();
  detail::check_mismatches(where, mismatches);
  model.put();
  reader.put();
  for (const auto& [name, number] : run.numbers) *number = numbers.at(name);
}

#define GRADUS_INSTANTIATE(T)                                                       \
  template void save_training(const std::filesystem::path&, const TrainingRun<T>&,  \
                              const std::map<std::string, std::string>&);           \
  template void load_training(const std::filesystem::path&, const TrainingRun<T>&); \
  template void detail::put_training(const std::string&, const Safetensors&, const TrainingRun<T>&);
GRADUS_INSTANTIATE(float)
GRADUS_INSTANTIATE(double)
#undef GRADUS_INSTANTIATE

}  // namespace gradus::nn
