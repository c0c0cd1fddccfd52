#include <algorithm>

#include <gradus/core/array.hpp>
#include <gradus/core/parallel.hpp>
#include <gradus/ops/block_program.hpp>
#include <gradus/ops/kernels/vector.hpp>

namespace gradus::detail {
namespace {

/// Whole batches of every instruction set, so that each element falls into the batch into which it falls when
/// an action runs over the whole array.
constexpr std::size_t block_size = 4096;

/// Fewer blocks than this are not worth waking a second thread.
constexpr std::size_t parallel_grain = 16;

}  // namespace

template <class T>
auto BlockProgram<T>::array(T* data) -> Place {
  places_.push_back({data, 0, false, T(0)});
  return places_.size() - 1;
}

template <class T>
auto BlockProgram<T>::number(T value) -> Place {
  places_.push_back({nullptr, block_count_++, true, value});
  return places_.size() - 1;
}

template <class T>
auto BlockProgram<T>::temporary() -> Place {
  std::size_t block = block_count_;
  if (free_blocks_.empty()) {
    ++block_count_;
  } else {
    block = free_blocks_.back();
    free_blocks_.pop_back();
  }
  places_.push_back({nullptr, block, false, T(0)});
  return places_.size() - 1;
}

template <class T>
void BlockProgram<T>::release(Place place) {
  const Memory& memory = places_[place];
  if (!memory.array && !memory.is_number) free_blocks_.push_back(memory.block);
}

template <class T>
void BlockProgram<T>::run() const {
  const std::size_t blocks = (size_ + block_size - 1) / block_size;
  const std::size_t most = std::max<std::size_t>(blocks / parallel_grain, 1);
  const std::size_t ranges = std::min(static_cast<std::size_t>(num_threads()), most);
  const std::size_t memory_size = block_count_ * block_size;
  Array<T> memory = empty_array<T>({ranges * memory_size});
  parallel_for(ranges, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r)
      run_range(blocks * r / ranges * block_size, std::min(size_, blocks * (r + 1) / ranges * block_size),
                memory.data() + r * memory_size);
  });
}

template <class T>
void BlockProgram<T>::run_range(std::size_t begin, std::size_t end, T* blocks) const {
  for (const Memory& place : places_)
    if (place.is_number) kernels::fill(blocks + place.block * block_size, place.number, block_size);
  for (; begin < end; begin += block_size) run_block(begin, std::min(block_size, end - begin), blocks);
}

template <class T>
void BlockProgram<T>::run_block(std::size_t begin, std::size_t n, T* blocks) const {
  const auto at = [&](Place place) {
    const Memory& memory = places_[place];
    return memory.array ? memory.array + begin : blocks + memory.block * block_size;
  };
  for (const Action& action : actions_) {
    const T* const from = at(action.from);
    T* const to = at(action.to);
    if (action.work)
      action.work->run_block(action.which, begin, n, from, to, action.accumulate);
    else
      action.accumulate ? kernels::add(from, to, n) : kernels::copy(from, to, n);
  }
}

template class BlockProgram<float>;
template class BlockProgram<double>;

}  // namespace gradus::detail
