#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gradus/nn/optimizers/optimizer.hpp>
#include <gradus/ops/kernels/optimizers.hpp>

namespace gradus::nn {

/// An optimizer that changes every parameter by itself, in one pass over it, and whose groups of parameters
/// each have options of their own:
///
///     nn::AdamW opt{weights, {.lr = 1e-3, .weight_decay = 0.1}};
///     opt.add_group(biases, {.lr = 1e-3, .weight_decay = 0});
///     opt.add_group(last_layer, [](nn::AdamWOptions& o) { o.lr *= 0.1; });  // the rest as in the first
///     group
///
/// A new optimizer derives from it and says in check() which options make sense, in layout() what it keeps in
/// mind, and in update() how a parameter changes. Its constructor adds the first group.
template <class T, class Options>
class GroupedOptimizer : public Optimizer<T> {
 public:
  /// The options of a group.
  const Options& options(std::size_t group = 0) const { return options_.at(group); }

  /// Adds parameters with options of their own. ValueError, before anything is changed, when there is no
  /// parameter, when one is no variable or is there already, or when an option makes no sense.
  void add_group(std::vector<Tensor<T>> parameters, const Options& options) {
    check(options);
    std::vector<Memory> added;
    for (const Tensor<T>& parameter : parameters) added.push_back(new_memory(options, parameter));
    options_.reserve(options_.size() + 1);
    memory_.reserve(memory_.size() + added.size());
    this->add_parameters(std::move(parameters), options.lr);
    options_.push_back(options);
    for (Memory& memory : added) {
      memory.group = options_.size() - 1;
      memory_.push_back(std::move(memory));
    }
  }
  /// The same with the options of the first group, which change(options) may change.
  template <class F>
  requires std::is_invocable_v<F, Options&>
  void add_group(std::vector<Tensor<T>> parameters, const F& change) {
    Options options = options_.at(0);
    change(options);
    add_group(std::move(parameters), options);
  }

 protected:
  using Optimizer<T>::Optimizer;

  /// What is kept in mind of a parameter: an array of its shape that begins with one value, or a number. What
  /// these options do not need is not kept.
  struct Kept {
    const char* name;
    double initial = 0;
    bool is_kept = true;
  };
  struct Layout {
    std::vector<Kept> arrays;   ///< in the order of the pass that uses them
    std::vector<Kept> numbers;  ///< beside "updates", how often the parameter has been changed
  };
  struct Memory {
    std::vector<Array<T>> arrays;  ///< without elements where it is not kept
    std::vector<double> numbers;
    double updates = 0;
    std::size_t group = 0;
  };

  virtual void check(const Options& options) const = 0;
  virtual Layout layout(const Options& options) const = 0;
  /// Changes `value` by its gradient, at its memory.updates-th update: 1, 2, ...
  virtual void update(const Options& options, double lr, Array<T>& value, const Array<T>& gradient,
                      Memory& memory) const = 0;

  template <class Pass>
  static void run(const Pass& pass, Array<T>& value, const Array<T>& gradient, Memory& memory) {
    std::array<T*, Pass::arrays> places{};
    for (std::size_t i = 0; i < places.size(); ++i)
      if (memory.arrays[i].size() > 0) places[i] = memory.arrays[i].data();
    kernels::optimizer_update(value.data(), gradient.data(), places, pass, value.size());
  }

 private:
  Memory new_memory(const Options& options, const Tensor<T>& parameter) const {
    const Layout kept = layout(options);
    Memory memory;
    for (const Kept& array : kept.arrays)
      memory.arrays.push_back(
          full_array<T>(array.is_kept ? parameter.shape() : Shape{0}, static_cast<T>(array.initial)));
    for (const Kept& number : kept.numbers) memory.numbers.push_back(number.initial);
    return memory;
  }

  void take_step() override {
    this->own_values();  // all of them change or none
    const std::vector<Tensor<T>>& parameters = this->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!parameters[i].has_grad()) continue;
      Memory& memory = memory_[i];
      ++memory.updates;
      update(options_[memory.group], this->lr(memory.group), parameters[i].change("step"),
             parameters[i].grad(), memory);
    }
  }

  /// Calls array(name, place) and number(name, place) for all that is kept of the parameters.
  template <class Memories, class A, class N>
  void visit(Memories& memories, const A& array, const N& number) const {
    for (std::size_t i = 0; i < memories.size(); ++i) {
      const std::string prefix = std::to_string(i) + ".";
      const Layout kept = layout(options_[memories[i].group]);
      for (std::size_t k = 0; k < kept.arrays.size(); ++k)
        if (kept.arrays[k].is_kept) array(prefix + kept.arrays[k].name, memories[i].arrays[k]);
      for (std::size_t k = 0; k < kept.numbers.size(); ++k)
        number(prefix + kept.numbers[k].name, memories[i].numbers[k]);
      number(prefix + "updates", memories[i].updates);
    }
  }

  void save(State& state) const override {
    visit(
        memory_, [&](const std::string& name, const Array<T>& array) { state.keep(name, array); },
        [&](const std::string& name, double number) { state.numbers[name] = number; });
  }

  void restore(const State& state) override {
    std::vector<Memory> memories = memory_;
    visit(
        memories, [&](const std::string& name, Array<T>& array) { array = state.array<T>(name); },
        [&](const std::string& name, double& number) { number = state.numbers.at(name); });
    memory_ = std::move(memories);
  }

  std::vector<Options> options_;  // of each group
  std::vector<Memory> memory_;    // of each parameter
};

}  // namespace gradus::nn
